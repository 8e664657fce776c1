"""The estimate beside inventories that others have published."""

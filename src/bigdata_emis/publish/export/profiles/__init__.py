"""What the profiles of an export are made of, beside the shares that reference tables state directly."""

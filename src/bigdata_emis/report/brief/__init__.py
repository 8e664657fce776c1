"""The daily control brief and the orders by enterprise."""

"""Fusion of stack monitors with modelled emission, and the filling of monitor gaps."""

"""Several registries and one lake: which registry a lake belongs to, and the copy of a whole registry."""

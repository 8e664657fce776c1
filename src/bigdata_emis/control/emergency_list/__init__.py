"""The emergency list of a city (应急减排清单): read, checked, reviewed, versioned, compared, and given back."""

"""Air quality of twelve Beijing stations from weather, and the red alerts of 2015 and 2016."""

"""Files for air-quality models, written from what is published: hours, species, grids and the closing of mass."""

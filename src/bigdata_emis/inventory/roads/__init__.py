"""Speed and weather corrections of road emission factors."""

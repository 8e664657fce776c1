"""Parts of the road emission factor beside the exhaust of the guide: evaporation, wear, carbon of the exhaust."""

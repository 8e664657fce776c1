"""Pages and model lists in Chinese and English, from published tables and the registry."""

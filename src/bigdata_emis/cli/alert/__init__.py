"""The commands `emis alert …`."""

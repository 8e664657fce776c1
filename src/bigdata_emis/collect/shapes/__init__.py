"""The shapes in which providers spell readings: wide tables, times, units; each as one pure function."""

"""Operating states of a steel plant, from 15-minute electricity."""

"""From activity to hourly emission by source, and to the grid."""

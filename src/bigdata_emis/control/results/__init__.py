"""What a recalculation gives back: its document, the accounting table, intervals of its cuts."""

"""Online learners. Research: judged here, not run by the day; no stage uses them."""

"""The checks before publishing: facts about whole tables, what is expected of them, and the page of the outcome."""

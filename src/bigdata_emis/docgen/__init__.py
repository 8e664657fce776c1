"""Files generated from the code and its declarations: codes.py, sql/schema.sql and the pages of docs/generated."""

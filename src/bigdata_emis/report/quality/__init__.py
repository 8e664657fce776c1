"""The data quality report of a day: what each feed brought, what is doubted and why, and where somebody has to go."""

"""A day in a real Airflow with faults: feeds cut, providers that fail, processes killed, approvals at once."""

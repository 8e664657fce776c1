"""The services of `make airflow` on one machine: PostgreSQL, Airflow, and the demonstration's feeds."""

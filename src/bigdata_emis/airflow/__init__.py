"""What Airflow needs beside the DAG files: the operator, the approval, and starting its services on this machine."""

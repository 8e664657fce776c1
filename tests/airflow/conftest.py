"""Airflow for these tests: a folder of its own, set before Airflow is first imported."""

import os
import tempfile

HOME = tempfile.TemporaryDirectory(prefix="emis-airflow-")
os.environ.setdefault("AIRFLOW_HOME", HOME.name)
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
os.environ.setdefault("AIRFLOW__CORE__UNIT_TEST_MODE", "False")

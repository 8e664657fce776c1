"""No DAG: shows the region folders that cannot be read, as one import error. The DAGs of all other regions run."""

from bigdata_emis.airflow.region_dags import require_readable_regions

require_readable_regions()

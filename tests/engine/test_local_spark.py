"""The same query gives the same numbers on the embedded engine and on Apache Spark."""

import datetime as dt
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from bigdata_emis.engine import spark_session
from bigdata_emis.engine.local_spark import SHIM, VECTOR_MODULE

ENGINES = [pytest.param("sail", id="sail"), pytest.param("spark", id="spark", marks=pytest.mark.spark)]


@pytest.fixture(params=ENGINES)
def spark(request) -> SparkSession:
    return spark_session.session(request.param)


def power_hourly(spark: SparkSession) -> DataFrame:
    """Two meters, three hours: energies 1, 2, 4 and 10, 20, 40 kWh."""
    start = dt.datetime(2015, 12, 7, tzinfo=dt.UTC)
    rows = [
        (meter, start + dt.timedelta(hours=hour), base * 2.0**hour)
        for meter, base in (("a", 1.0), ("b", 10.0))
        for hour in range(3)
    ]
    return spark.createDataFrame(rows, "meter_id string, start_utc timestamp, energy_kwh double")


def test_join_and_window_give_the_running_emission_of_each_meter(spark):
    factor = spark.createDataFrame([("a", 3.0), ("b", 0.5)], "meter_id string, emission_g_per_kwh double")
    running = Window.partitionBy("meter_id").orderBy("start_utc").rowsBetween(Window.unboundedPreceding, 0)
    emission = F.sum(F.col("energy_kwh") * F.col("emission_g_per_kwh")).over(running)
    rows = (
        power_hourly(spark)
        .join(factor, "meter_id")
        .withColumn("emission_g", emission)
        .orderBy("meter_id", "start_utc")
        .collect()
    )
    assert [row.emission_g for row in rows] == [3.0, 9.0, 21.0, 5.0, 15.0, 35.0]


def test_a_model_per_group_sees_its_whole_group(spark):
    def largest_step(group: pa.Table) -> pa.Table:
        # Defined here, so that it travels to the workers by value: they cannot import a test module.
        energy = sorted(group["energy_kwh"].to_pylist())
        return pa.table(
            {
                "meter_id": group["meter_id"][:1],
                "step_kwh": [max(after - before for before, after in itertools.pairwise(energy))],
            }
        )

    rows = (
        power_hourly(spark).groupBy("meter_id").applyInArrow(largest_step, "meter_id string, step_kwh double").collect()
    )
    assert {row.meter_id: row.step_kwh for row in rows} == {"a": 2.0, "b": 20.0}


def test_instants_are_read_and_cut_in_utc(spark):
    days = power_hourly(spark).select(F.date_trunc("day", "start_utc").cast("string").alias("day")).distinct().collect()
    assert [row.day for row in days] == ["2015-12-07 00:00:00"]


def test_written_instants_are_microseconds_in_utc(spark, tmp_path):
    power_hourly(spark).write.parquet(str(tmp_path / "power_hourly"))
    schema = pq.read_table(tmp_path / "power_hourly").schema
    assert schema.field("start_utc").type == pa.timestamp("us", tz="UTC")


def test_calls_on_columns_do_not_look_up_their_callers_on_either_engine(spark):
    assert spark.conf.get(spark_session.COLUMN_DEBUGGING) == "false"


def test_a_text_that_is_no_number_is_an_error_not_a_null(spark):
    with pytest.raises(PySparkException):
        spark.createDataFrame([("ten",)], "energy string").select(F.col("energy").cast("double")).collect()


@pytest.mark.parametrize("name", ENGINES)
def test_a_second_call_gives_the_same_session(name):
    assert spark_session.session(name) is spark_session.session(name)


@pytest.mark.spark
def test_linear_algebra_loaded_before_the_engine_uses_one_thread_next_to_it():
    script = (
        "import numpy, json, threadpoolctl; from bigdata_emis.engine import spark_session; "
        "spark_session.session('sail'); "
        "print(json.dumps([pool['num_threads'] for pool in threadpoolctl.threadpool_info()]))"
    )
    two_threads = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"} | {
        "OPENBLAS_NUM_THREADS": "2"
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=two_threads, capture_output=True, text=True, check=True, timeout=60
    )
    assert set(json.loads(done.stdout.splitlines()[-1])) == {1}


def test_an_answer_of_the_embedded_engine_may_take_days():
    script = (
        "import os; from bigdata_emis.engine import spark_session; spark_session.session('sail'); "
        "print(os.environ['SAIL_SPARK__SESSION_TIMEOUT_SECS'])"
    )

    def start_session(**more):
        plain = {name: value for name, value in os.environ.items() if not name.startswith("SAIL_")}
        return subprocess.run(
            [sys.executable, "-c", script], env=plain | more, capture_output=True, text=True, timeout=60
        )

    assert int(start_session().stdout) >= 86_400
    # Sail reads this variable: a text that is not a number is refused.
    assert "SPARK.SESSION_TIMEOUT_SECS" in start_session(SAIL_SPARK__SESSION_TIMEOUT_SECS="soon").stderr


def test_apache_spark_ends_when_its_parent_is_killed(tmp_path):
    script = """import sys, pathlib; from bigdata_emis.engine.local_spark import start_spark
print(start_spark(pathlib.Path(sys.argv[1]))[0], flush=True); sys.stdin.read()"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        port = int(re.findall(r":(\d+)/", parent.stdout.readline())[0])
        parent.kill()
    deadline = time.monotonic() + 30
    while is_answering(port):
        assert time.monotonic() < deadline, "the server outlived its parent"


def is_answering(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.settimeout(0.2)
            return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def test_the_java_shim_drops_the_option_that_java_from_pypi_does_not_know(tmp_path):
    shim = tmp_path / "java"
    shim.write_text(SHIM)
    shim.chmod(0o755)
    command = [shim, "-cp", "a b", VECTOR_MODULE, "-version"]
    done = subprocess.run(command, env={"EMIS_JAVA": "/bin/echo"}, capture_output=True, text=True, check=True)
    assert done.stdout == "-cp a b -version\n"

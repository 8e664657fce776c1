"""Hours and stored models of a line travel in one frame and come apart unchanged."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from bigdata_emis.relate.models.rows_with_models import split_hours_and_models, union_models_with_hours

HOUR = datetime(2019, 1, 1, 5, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")


def test_models_come_back_with_their_instants_and_null_for_what_they_lack(spark):
    hours = spark.createDataFrame(
        pa.table({"production_line_id": ["a"], "hour_utc": pa.array([HOUR], INSTANT), "energy_kwh": [1.5]})
    )
    known = HOUR + timedelta(microseconds=7)
    models = spark.createDataFrame(
        pa.table({"source_id": ["a"], "form_code": ["affine"], "known_utc": pa.array([known], INSTANT)})
    )
    rows = union_models_with_hours(hours, models).toArrow()
    assert rows.num_rows == 2
    (hour,), (model,) = (part if isinstance(part, list) else part.to_pylist() for part in split_hours_and_models(rows))
    assert (hour["energy_kwh"], hour["hour_utc"]) == (1.5, HOUR)
    assert "model_json" not in hour
    assert (model["source_id"], model["form_code"], model["known_utc"]) == ("a", "affine", known)
    assert model["parameters_json"] is None


def test_without_models_there_are_only_hours():
    rows = pa.table({"production_line_id": ["a"], "model_json": pa.array([None], pa.string())})
    hours, models = split_hours_and_models(rows)
    assert (hours.num_rows, models) == (1, [])

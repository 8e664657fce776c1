"""Which lines a trained model estimated, and which only what their registry row says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.activity_model.stored import champion
from bigdata_emis.inventory import estimate_activity
from bigdata_emis.publish.reader_files.activity_method import INDUSTRY_SOURCE, PRIOR_VERSION, activity_method
from bigdata_emis.schema.arrow import arrow_schema

START = datetime(2015, 12, 19, 16, tzinfo=UTC)
MODELS = [
    {"source_id": "L1", "model_version_id": "v1", "form_code": "affine"},
    {"source_id": "industry:sinter", "model_version_id": "v2", "form_code": "pooled"},
    {"source_id": "L9", "model_version_id": "v3", "form_code": "start"},
]


def methods(*hours: tuple[str, str, str]) -> list[dict[str, Any]]:
    rows = [
        {
            "source_id": source,
            "hour_utc": START + timedelta(hours=number),
            "method_code": method,
            "model_version_id": version,
            "activity": 1.0,
            "activity_p05": 1.0,
            "activity_p95": 1.0,
            "activity_unit_code": "t",
        }
        for number, (source, method, version) in enumerate(hours)
    ]
    plain = {"target": "activity", "known_utc": START, "status_code": "champion", "parameters_json": "{}"}
    return activity_method(
        pa.Table.from_pylist(rows, arrow_schema(schema.table("activity_hourly"))),
        pa.Table.from_pylist([plain | model for model in MODELS], arrow_schema(schema.table("model_version"))),
    ).to_pylist()


def test_a_line_is_estimated_by_its_own_model_that_of_its_industry_or_its_registry_row() -> None:
    rows = methods(("L1", "modelled", "v1"), ("L2", "modelled", "v2"), ("L3", "modelled", PRIOR_VERSION))
    assert [(r["source_id"], r["activity_basis_code"], r["form_code"]) for r in rows] == [
        ("L1", "own_model", "affine"),
        ("L2", "industry_model", "pooled"),
        ("L3", "registered_intensity", None),
    ]


def test_hours_are_counted_by_method_and_model() -> None:
    rows = methods(*[("L3", "modelled", PRIOR_VERSION)] * 22, *[("L3", "profile", PRIOR_VERSION)] * 2)
    assert [(r["method_code"], r["hour_count"]) for r in rows] == [("modelled", 22), ("profile", 2)]


def test_the_basis_of_a_model_that_the_registry_does_not_have_is_left_open() -> None:
    """Version v3 is the model of another line: the same name does not make it this line's."""
    rows = methods(("L1", "modelled", "v3"), ("L2", "modelled", "gone"))
    assert [r["activity_basis_code"] for r in rows] == [None, None]


def test_a_day_without_lines_has_no_rows() -> None:
    assert methods() == []


def test_the_words_are_those_that_the_stages_write() -> None:
    assert (PRIOR_VERSION, INDUSTRY_SOURCE) == (estimate_activity.PRIOR_VERSION, champion.INDUSTRY_SOURCE)

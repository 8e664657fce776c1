"""Shares of the registry that must sum to 1."""

from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.publish.gate.great_expectations_run import run_checks
from bigdata_emis.publish.gate.registry_checks import share_check
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database


def weights(**shares: tuple[float, float]) -> dict[str, pa.Table]:
    rows = [
        {"source_id": source, "cell_id": cell, "weight_share": weight}
        for source, pair in shares.items()
        for cell, weight in zip(("r0c0", "outside"), pair, strict=True)
    ]
    return {"grid_weight": pa.Table.from_pylist(rows, arrow_schema(schema.table("grid_weight")))}


@pytest.fixture(autouse=True)
def registry(home: Path) -> None:
    database.migrate()


def test_weights_that_sum_to_one_pass() -> None:
    database.replace(weights(one=(0.25, 0.75), two=(1.0, 0.0)), "a")
    assert run_checks([share_check("a")]).findings == ()


def test_a_source_whose_weights_do_not_sum_to_one_is_named() -> None:
    database.replace(weights(whole=(0.25, 0.75), short=(0.25, 0.5), more=(0.5, 1.0)), "a")
    (finding,) = run_checks([share_check("a")]).refusals
    assert str(finding).startswith("registry: shares must sum to 1 - ")
    assert "grid_weight of short: beyond_one -0.25" in finding.examples
    assert "grid_weight of more: beyond_one 0.5" in finding.examples


def test_a_region_without_a_registry_has_nothing_to_break() -> None:
    assert run_checks([share_check("nobody")]).findings == ()

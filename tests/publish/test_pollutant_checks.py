"""What the registry promises across rows."""

from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.publish.pollutant_checks import registry_findings
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database


def weights(**shares: tuple[float, float]) -> dict[str, pa.Table]:
    rows = [
        {"source_id": s, "cell_id": c, "weight_share": w}
        for s, pair in shares.items()
        for c, w in zip(("r0c0", "outside"), pair, strict=True)
    ]
    return {"grid_weight": pa.Table.from_pylist(rows, arrow_schema(schema.table("grid_weight")))}


@pytest.fixture(autouse=True)
def registry(home: Path) -> None:
    database.migrate()


def test_weights_that_sum_to_one_pass() -> None:
    database.replace(weights(one=(0.25, 0.75), two=(1.0, 0.0)), "a")
    assert registry_findings("a") == []


def test_a_source_whose_weights_do_not_sum_to_one_is_named() -> None:
    database.replace(weights(whole=(0.25, 0.75), short=(0.25, 0.5), more=(0.5, 1.0)), "a")
    (found,) = registry_findings("a")
    assert found.examples == ("beyond_one -0.25, what grid_weight of short", "beyond_one 0.5, what grid_weight of more")


def test_a_region_without_a_registry_has_nothing_to_break() -> None:
    assert registry_findings("nowhere") == []

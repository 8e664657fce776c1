"""A version as a measure file that a recalculation reads; what matches no line is listed with its reason."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.codes import ActivityUnit, Sector
from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_measures import measures_of_version
from bigdata_emis.control.emergency_list.list_versions import store_version
from bigdata_emis.control.scenario.measures import read_measures
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from tests.control.emergency_list.list_builders import FULL_HEAD, plant, write_book

CODE = "91999999MA0000001N"


def table(name: str, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), arrow_schema(schema.table(name)))


@pytest.fixture
def registry(home: Path) -> None:
    prepare_registry()
    place = {"industry_code": "lime_kiln", "longitude_deg": 116.0, "latitude_deg": 39.0}
    line = {
        "sector_code": Sector.INDUSTRIAL_PROCESS,
        "industry_code": "lime_kiln",
        "activity_unit_code": ActivityUnit.T,
    }
    database.replace(
        {
            "enterprise": table(
                "enterprise",
                {"enterprise_id": CODE, "name_zh": "示例石灰1厂", **place},
                {"enterprise_id": "works-2", "name_zh": "示例石灰2厂", **place},
            ),
            "production_line": table(
                "production_line",
                {"production_line_id": "kiln-1", "enterprise_id": CODE, **line},
                {"production_line_id": "kiln-2", "enterprise_id": "works-2", **line},
                {"production_line_id": "kiln-3", "enterprise_id": "works-2", **line},
            ),
        },
        "nys",
    )


def measures(home: Path, *rows: list[Any]) -> tuple[str, dict[str, Any]]:
    imported = import_workbook(write_book(home / "list.xlsx", [FULL_HEAD, *rows]))
    known_utc = datetime(2026, 10, 1, 8, tzinfo=UTC)
    store_version("nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=known_utc)
    return measures_of_version("nys")


def test_a_recalculation_reads_the_file(registry: None, home: Path) -> None:
    text, document = measures(home, plant(1, 统一社会信用代码=CODE))
    (home / "measures.csv").write_text(text, "utf-8")
    read = read_measures(home / "measures.csv")
    assert [(m.alert_level_code, m.production_line_id, m.affected_share * m.cut_share) for m in read] == [
        ("yellow", "kiln-1", 0.2),
        ("orange", "kiln-1", 0.5),
        ("red", "kiln-1", 1.0),
    ]
    assert (document["measures"], document["unmatched"]) == (3, [])


def test_a_plant_is_matched_by_name_and_its_lines_by_industry(registry: None, home: Path) -> None:
    text, document = measures(home, plant(2, 黄色预警减排措施="停1条线"))
    assert document["measures"] == 6
    assert {row.split(",")[2] for row in text.splitlines()[1:]} == {"kiln-2", "kiln-3"}


def test_a_line_named_as_in_the_registry_is_taken_alone(registry: None, home: Path) -> None:
    text, _ = measures(home, plant(2, 生产线名称="kiln-3"))
    assert {row.split(",")[2] for row in text.splitlines()[1:]} == {"kiln-3"}


def test_every_item_is_in_the_file_or_listed_with_its_reason(registry: None, home: Path) -> None:
    rows = [plant(1), plant(7), plant(2, 黄色预警减排措施="停止公路运输", 橙色预警减排措施="加强管理")]
    _, document = measures(home, *rows)
    reasons = [entry["reason"] for entry in document["unmatched"]]
    assert len(reasons) == 5
    assert sum("not in the registry" in reason for reason in reasons) == 3
    assert sum("vehicles" in reason for reason in reasons) == 1
    assert sum("ask_person" in reason for reason in reasons) == 1


def test_a_measure_of_no_effect_stays_in_the_file_as_an_exemption(registry: None, home: Path) -> None:
    text, _ = measures(home, plant(1, 黄色预警减排措施="不采取减排措施"))
    assert text.splitlines()[1].split(",")[6:8] == ["1", "0"]


def test_hours_of_the_day_and_single_pollutants_have_columns_of_their_own(registry: None, home: Path) -> None:
    row = plant(
        1, 黄色预警减排措施="每日20时至次日8时停产", 橙色预警减排措施="喷涂工序停产", 备注="涂装占VOCs排放的90%"
    )
    text, _ = measures(home, row)
    (home / "measures.csv").write_text(text, "utf-8")
    night, coating, _ = read_measures(home / "measures.csv")
    assert (night.from_local_hour, night.to_local_hour, night.cut_share) == (20, 8, 1)
    assert (coating.pollutant_code, coating.affected_share, coating.cut_share) == ("VOCs", 0.9, 1)


def test_a_list_of_which_nothing_matches_is_refused(home: Path) -> None:
    with pytest.raises(InputError, match="matches a production line"):
        measures(home, plant(9))

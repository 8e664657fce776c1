"""A version as a measure file that a recalculation reads; what matches no line is listed with its reason."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.codes import ActivityUnit, Sector
from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_measures import measures_for_window, measures_of_version
from bigdata_emis.control.emergency_list.list_versions import store_version
from bigdata_emis.control.scenario.measures import read_measures
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.window import Window
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


def window(day: int) -> Window:
    return Window(datetime(2026, 12, day, 5, tzinfo=UTC), datetime(2026, 12, day + 1, 5, tzinfo=UTC))


def store(home: Path, name: str, valid: tuple[date | None, date | None], *rows: list[Any]) -> str:
    imported = import_workbook(write_book(home / name, [FULL_HEAD, *rows]))
    known_utc = datetime(2026, 10, 1, 8, tzinfo=UTC)
    return store_version("nys", imported, valid_from=valid[0], valid_to=valid[1], actor="Li", known_utc=known_utc)[0]


def test_the_newest_list_that_is_valid_on_the_first_day_is_used(registry: None, home: Path) -> None:
    winter = store(home, "a.xlsx", (date(2026, 12, 1), date(2026, 12, 10)), plant(1, 统一社会信用代码=CODE))
    later = store(home, "b.xlsx", (date(2026, 12, 11), None), plant(2, 统一社会信用代码=CODE))
    region = load_region("nys")
    assert measures_for_window(region, "newest", window(5))[1]["version"] == winter
    path, used = measures_for_window(region, "newest", window(20))
    assert (used["version"], used["is_valid"], used["file_name"]) == (later, True, "b.xlsx")
    assert {measure.production_line_id for measure in read_measures(path)} == {"kiln-1"}
    assert measures_for_window(region, winter, window(20))[1]["is_valid"] is False
    with pytest.raises(InputError, match="no emergency list of nys is valid on 2026-11-05"):
        measures_for_window(region, "newest", Window(*(hour.replace(month=11) for hour in vars(window(5)).values())))


def test_what_is_not_in_the_file_is_counted_by_reason(registry: None, home: Path) -> None:
    store(home, "a.xlsx", (None, None), plant(1, 统一社会信用代码=CODE), plant(7, 统一社会信用代码="x"))
    used = measures_for_window(load_region("nys"), "newest", window(5))[1]
    assert sum(one["items"] for one in used["left_out"]) == used["items"] - used["measures"]


def test_a_list_and_a_file_are_used_together(registry: None, home: Path) -> None:
    """The file has a measure for all sources; that of the list selects a line, so it decides there."""
    store(home, "a.xlsx", (None, None), plant(1, 统一社会信用代码=CODE))
    own = home / "own.csv"
    header = "measure_id,alert_level_code,affected_share,cut_share,from_local_hour,to_local_hour"
    own.write_text(f"{header}\nall,red,1,0.3,7,19\n")
    path, used = measures_for_window(load_region("nys"), "newest", window(5), others=own)
    assert not used["is_for_lines_only"]
    assert measures_for_window(load_region("nys"), "newest", window(5))[1]["is_for_lines_only"]
    read = read_measures(path)
    assert read[-1] == read_measures(own)[0]
    assert len(read) == len(read_measures(measures_for_window(load_region("nys"), "newest", window(5))[0])) + 1

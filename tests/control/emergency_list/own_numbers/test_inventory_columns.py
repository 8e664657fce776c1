"""Base and cut of a list by the published inventory, computed on paper."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.codes import ActivityUnit, Sector
from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_export import export_version
from bigdata_emis.control.emergency_list.list_items import as_csv
from bigdata_emis.control.emergency_list.list_versions import store_version
from bigdata_emis.control.emergency_list.own_numbers import inventory_columns
from bigdata_emis.control.emergency_list.own_numbers.inventory_columns import read_inventory_base
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from tests.control.emergency_list.list_builders import FULL_HEAD, plant, write_book
from tests.control.published_days import publish_days

CODE, DAY = "91999999MA0000001N", date(2026, 10, 1)
KNOWN = datetime(2026, 10, 2, 12, tzinfo=UTC)


def table(name: str, *rows: dict[str, Any]) -> pa.Table:
    return conform(pa.Table.from_pylist(list(rows), arrow_schema(schema.table(name))), schema.table(name))


@pytest.fixture
def kiln(home: Path) -> None:
    """A kiln with 2 kg SO2 and 1 kg PM2.5 in each hour of a published day."""
    prepare_registry()
    place = {"industry_code": "lime_kiln", "longitude_deg": 116.0, "latitude_deg": 39.0}
    line = {
        "sector_code": Sector.INDUSTRIAL_PROCESS,
        "industry_code": "lime_kiln",
        "activity_unit_code": ActivityUnit.T,
    }
    rows = {
        "enterprise": table("enterprise", {"enterprise_id": CODE, "name_zh": "示例石灰1厂", **place}),
        "production_line": table("production_line", {"production_line_id": "kiln-1", "enterprise_id": CODE, **line}),
    }
    database.replace(rows, "nys")
    start = datetime(2026, 10, 1, 5, tzinfo=UTC)
    emission = [
        {
            "source_id": "kiln-1",
            "sector_code": "industrial_process",
            "pollutant_code": pollutant,
            "hour_utc": start + timedelta(hours=hour),
            "emission_g": grams,
            "emission_g_p05": grams,
            "emission_g_p95": grams,
            "method_code": "modelled",
        }
        for hour in range(24)
        for pollutant, grams in (("SO2", 2000.0), ("PM2.5", 1000.0), ("CO2", 5e6))
    ]
    lake = open_lake(load_region("nys"))
    lake.write("emission_hourly", table("emission_hourly", *emission), [DAY], known_utc=KNOWN, run_id="t")
    publish_days(lake, [DAY])


def exported(home: Path, *rows: list[Any]) -> list[dict[str, Any]]:
    imported = import_workbook(write_book(home / "list.xlsx", [FULL_HEAD, *rows]))
    store_version("nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=KNOWN)
    content, _ = export_version("nys", inventory=read_inventory_base(load_region("nys")))
    (home / "out.xlsx").write_bytes(content)
    head, *values = [[c.value for c in row] for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].rows]
    return [dict(zip(head, row, strict=True)) for row in values]


def test_base_is_the_day_of_the_inventory_and_cut_its_share(kiln: None, home: Path) -> None:
    """24 h of 2 kg are 48 kg; 限产20% cuts 9.6, 限产50% 24, 停产 all."""
    (row,) = exported(home, plant(1, 统一社会信用代码=CODE))
    assert (row["系统:排放清单SO2基准(千克/天)"], row["系统:排放清单PM2.5基准(千克/天)"]) == (48, 24)
    assert [row[f"系统:排放清单{level}SO2减量(千克/天)"] for level in ("黄色", "橙色", "红色")] == [9.6, 24, 48]
    assert row["系统:排放清单来源"].startswith("2026-10-01 版本")
    assert row["系统:排放清单来源"].endswith("生产线 kiln-1")
    assert row["系统:SO2基准(千克/天)"] == 10


def test_a_level_with_a_measure_that_needs_a_person_has_no_cut(kiln: None, home: Path) -> None:
    (row,) = exported(home, plant(1, 统一社会信用代码=CODE, 黄色预警减排措施="停产50%"))
    assert row["系统:排放清单SO2基准(千克/天)"] == 48
    assert row["系统:排放清单黄色SO2减量(千克/天)"] is None
    assert row["系统:排放清单红色SO2减量(千克/天)"] == 48


def test_a_plant_that_matches_no_line_says_so_and_has_no_number(kiln: None, home: Path) -> None:
    (row,) = exported(home, plant(7))
    assert row["系统:排放清单来源"] == ("未匹配（2026-10-01）：登记中无此企业（统一社会信用代码与名称均不符）")
    assert row["系统:排放清单SO2基准(千克/天)"] is None


def test_the_export_with_numbers_is_read_as_the_same_list(kiln: None, home: Path) -> None:
    exported(home, plant(1, 统一社会信用代码=CODE), plant(7))
    again, source = (as_csv(import_workbook(home / name).items, "x") for name in ("out.xlsx", "list.xlsx"))
    assert again == source


@pytest.mark.parametrize(
    ("under_measures", "asked", "chosen", "why"),
    [
        ((), None, 2, "2026-10-02, the newest published day without measures in force 最近的无减排措施发布日"),
        ((2,), None, 1, "; not 2026-10-02, with measures in force 其后发布日有减排措施"),
        ((1, 2), None, 2, "2026-10-02, the newest published day; measures were in force on every one"),
        ((), 1, 1, "2026-10-01, as asked for 指定日期"),
    ],
)
def test_the_day_of_the_inventory_says_why_it_was_taken(
    kiln: None, monkeypatch: pytest.MonkeyPatch, under_measures: tuple[int, ...], asked: int, chosen: int, why: str
) -> None:
    region, second = load_region("nys"), DAY.replace(day=2)
    lake = open_lake(region)
    lake.write("emission_hourly", table("emission_hourly"), [second], known_utc=KNOWN, run_id="t")
    publish_days(lake, [second])
    monkeypatch.setattr(inventory_columns, "has_scenario_in_force", lambda _, day: day.day in under_measures)
    base = read_inventory_base(region, DAY.replace(day=asked) if asked else None)
    assert base is not None
    assert (base.day.day, why in base.choice) == (chosen, True)


def test_without_a_published_inventory_there_is_none_and_an_unpublished_day_is_refused(home: Path) -> None:
    prepare_registry()
    assert read_inventory_base(load_region("nys")) is None
    with pytest.raises(InputError, match="2026-10-01 of region nys is not published"):
        read_inventory_base(load_region("nys"), DAY)

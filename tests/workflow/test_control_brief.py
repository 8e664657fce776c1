"""The brief and the orders of a day as files."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bigdata_emis.report.sheet.report_sheet import number_text
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import day_window
from bigdata_emis.workflow.control_brief import project_day, write_brief
from tests.control.projection.recent_town import MONDAY, THURSDAY, TUESDAY, WEDNESDAY, town
from tests.control.projection.test_projected_lake import recalculated
from tests.control.test_recalculate import ZONE, region
from tests.report.brief.briefed_town import fill_town
from tests.report.city_day import CITY, fill_day
from tests.report.stores import DAY, START


def test_brief_and_orders_lie_beside_the_published_tables(home) -> None:
    fill_town()
    document = write_brief(CITY, DAY, known_utc=START)
    assert sorted(document["files"]) == sorted(document["order_files"]) == ["html", "pdf_en", "pdf_zh"]
    page = open_lake(CITY).read_document(f"brief/{DAY}-orders.html", tree="published") or b""
    assert "北厂".encode() in page
    assert write_brief(CITY, DAY, known_utc=START, scenario_id="red-1") == document


def test_the_figures_of_brief_and_orders_are_those_of_the_parquet_file(home) -> None:
    fill_town()
    document = write_brief(CITY, DAY, known_utc=START)
    own = ScenarioStore(open_lake(CITY), "red-1")
    rows = pq.read_table(own.address(own.versions("control_hourly", [DAY])[-1])).to_pylist()
    kg = sum(row["cut_emission_g"] for row in rows) / 1000
    assert [row["cut_kg"] for row in document["day"]] == [kg]
    for parts in (document["by_sector"], document["by_county"]):
        assert sum(by["NOx"] for by in parts.values()) == kg
    page = (open_lake(CITY).read_document(f"brief/{DAY}.html", tree="published") or b"").decode()
    assert f'<td class="n">{number_text(kg)}</td>' in page
    orders = (open_lake(CITY).read_document(f"brief/{DAY}-orders.html", tree="published") or b"").decode()
    for line in ("kiln", "mill"):
        of_line = sum(row["cut_emission_g"] for row in rows if row["source_id"] == line) / 1000
        assert f'<td class="n">{number_text(of_line)}</td>' in orders


def test_without_scenario_there_are_no_orders(home) -> None:
    fill_day()
    assert write_brief(CITY, DAY, known_utc=START)["order_files"] == {}
    assert open_lake(CITY).read_document(f"brief/{DAY}-orders.html", tree="published") is None


def projected_scenario(folder: Path) -> tuple[Store, dict[str, Any]]:
    """Tuesday is published, Wednesday projected from two days that are alike."""
    store = town(folder, {MONDAY: 1.0, TUESDAY: 1.0})
    result = recalculated(store, folder, TUESDAY, THURSDAY)
    return store, {
        "scenario_id": result.scenario_id,
        "alert_level_code": "orange",
        "from_utc": result.window.from_utc,
        "to_utc": result.window.to_utc,
        "parameters_json": json.dumps(result.parameters),
    }


def test_a_projected_day_is_computed_from_the_versions_that_the_scenario_names(tmp_path: Path) -> None:
    store, scenario = projected_scenario(tmp_path)
    found = project_day(region(tmp_path), store, scenario, WEDNESDAY)
    assert found is not None
    keys = ("source_id", "pollutant_code", "hour_utc")
    shift = timedelta(days=1)
    tuesday = {
        (row["source_id"], row["pollutant_code"], row["hour_utc"] + shift): row["emission_g"]
        for row in store.read("emission_hourly", [TUESDAY]).to_pylist()
    }
    assert {tuple(row[k] for k in keys): row["emission_g"] for row in found.emission.to_pylist()} == pytest.approx(
        tuesday
    )
    assert min(found.emission["hour_utc"].to_pylist()) >= day_window(WEDNESDAY, ZONE).from_utc
    assert set(found.sources["source_id"].to_pylist()) == set(
        store.read("control_source", [TUESDAY])["source_id"].to_pylist()
    )


def test_a_day_that_was_not_projected_or_whose_versions_are_gone_is_not_known(tmp_path: Path) -> None:
    store, scenario = projected_scenario(tmp_path)
    assert project_day(region(tmp_path), store, scenario, TUESDAY) is None
    parameters = json.loads(scenario["parameters_json"])
    parameters["inputs"]["emission_hourly"][str(MONDAY)] = "0123"
    gone = {**scenario, "parameters_json": json.dumps(parameters)}
    assert project_day(region(tmp_path), store, gone, WEDNESDAY) is None

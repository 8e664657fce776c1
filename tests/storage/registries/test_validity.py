"""Meters, stacks and stations that are valid for a time: what leaves the registry files is closed and stays."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.validity import count_valid, is_valid, keep_closed, select_valid

TODAY = date(2024, 12, 18)
YESTERDAY, TOMORROW = date(2024, 12, 17), date(2024, 12, 19)


def rows(name: str, *entries: dict) -> pa.Table:
    return pa.Table.from_pylist(list(entries), arrow_schema(schema.table(name)))


def stations(*ids: str, **days: date) -> pa.Table:
    return rows("station", *({"station_id": i, "longitude_deg": 116.0, "latitude_deg": 39.0, **days} for i in ids))


def works(*line_ids: str) -> dict[str, pa.Table]:
    enterprise = {"enterprise_id": "e", "industry_code": "cement", "longitude_deg": 116.0, "latitude_deg": 39.0}
    line = {
        "enterprise_id": "e",
        "sector_code": "industrial_process",
        "industry_code": "cement_clinker",
        "activity_unit_code": "t",
    }
    lines = rows("production_line", *({"production_line_id": i, **line} for i in line_ids))
    return {"enterprise": rows("enterprise", enterprise), "production_line": lines}


def meters(**line_of: str) -> pa.Table:
    plain = {"meter_role_code": "production", "interval_min": 60.0}
    return rows("meter", *({"meter_id": i, "production_line_id": line, **plain} for i, line in line_of.items()))


def shares(*parts: tuple[str, str, float]) -> pa.Table:
    names = ("meter_id", "production_line_id", "energy_share")
    return rows("meter_share", *(dict(zip(names, part, strict=True)) for part in parts))


def register(frames: dict[str, pa.Table], day: date) -> None:
    database.replace(keep_closed(frames, "a", day), "a")


def valid(name: str, *days: date) -> list[str]:
    frame = select_valid(name, database.read(name, "a"), list(days), region_id="a")
    return [str(value) for value in frame[schema.table(name).key[0]].to_pylist()]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_DATABASE", f"sqlite:///{tmp_path / 'registry.sqlite'}")
    database.migrate()


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, True),
        (TODAY, None, True),
        (None, TODAY, True),
        (TODAY, TODAY, True),
        (TOMORROW, None, False),
        (None, YESTERDAY, False),
    ],
)
def test_an_entry_is_valid_from_its_first_to_its_last_day(first: date, last: date, expected: bool) -> None:
    assert is_valid(stations("p", valid_from=first, valid_to=last), TODAY, TODAY).tolist() == [expected]


@pytest.mark.usefixtures("registry")
def test_a_station_that_leaves_the_file_is_closed_on_that_day_and_the_days_before_have_it() -> None:
    register({"station": stations("p", "q")}, YESTERDAY)
    register({"station": stations("p")}, TODAY)
    assert [valid("station", day) for day in (YESTERDAY, TODAY, TOMORROW)] == [["p", "q"], ["p", "q"], ["p"]]
    assert count_valid("station", "a", [TODAY, TOMORROW]) == {TODAY: 2, TOMORROW: 1}


@pytest.mark.usefixtures("registry")
def test_registering_again_does_not_move_the_day_on_which_a_station_was_closed() -> None:
    for ids, day in ((("p", "q"), YESTERDAY), (("p",), YESTERDAY), (("p",), TOMORROW)):
        register({"station": stations(*ids)}, day)
    assert valid("station", TODAY) == ["p"]


@pytest.mark.usefixtures("registry")
def test_a_station_that_comes_back_is_as_its_file_says() -> None:
    for ids, day in ((("p", "q"), YESTERDAY), (("p",), TODAY), (("p", "q"), TOMORROW)):
        register({"station": stations(*ids)}, day)
    assert database.read("station", "a")["valid_to"].to_pylist() == [None, None]


@pytest.mark.usefixtures("registry")
def test_a_replaced_meter_keeps_its_shares_for_the_days_before() -> None:
    before = {"meter": meters(m="x"), "meter_share": shares(("m", "x", 0.5), ("m", "y", 0.5))}
    register({**works("x", "y"), **before}, YESTERDAY)
    after = {"meter": meters(n="x"), "meter_share": shares(("n", "x", 0.25), ("n", "y", 0.75))}
    register({**works("x", "y"), **after}, TODAY)
    assert [valid("meter_share", day) for day in (TODAY, TOMORROW)] == [["m", "m", "n", "n"], ["n", "n"]]


@pytest.mark.usefixtures("registry")
def test_a_meter_goes_with_its_production_line() -> None:
    register({**works("x", "y"), "meter": meters(m="x", n="y")}, YESTERDAY)
    register({**works("y"), "meter": meters(n="y")}, TODAY)
    assert database.read("meter", "a")["meter_id"].to_pylist() == ["n"]


@pytest.mark.usefixtures("registry")
def test_tables_without_validity_are_replaced_whole() -> None:
    register(works("x", "y"), YESTERDAY)
    register(works("y"), TODAY)
    assert valid("production_line", TODAY) == ["y"]

"""FF10: production lines at their stacks in short tons and feet, hours of dates in UTC, the rest at its cell."""

import csv
from pathlib import Path

import pytest

from bigdata_emis.publish.export.formats.smoke_ff10 import (
    ANNUAL_COLUMNS,
    G_PER_SHORT_TON,
    HOURLY_COLUMNS,
    read_hourly_g,
    write_ff10,
)
from tests.publish.export.exported_town import request_of
from tests.publish.published_town import FIRST

NAME = f"town_{FIRST}.csv"


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    assert write_ff10(request_of(published), tmp_path).closes
    return tmp_path


def rows_of(path: Path, columns: list[str]) -> list[dict[str, str]]:
    lines = [line for line in path.read_text("ascii").splitlines() if not line.startswith("#")]
    return [dict(zip(columns, cells, strict=True)) for cells in csv.reader(lines)]


def test_the_columns_are_those_of_the_format() -> None:
    assert (len(ANNUAL_COLUMNS), len(HOURLY_COLUMNS)) == (77, 39)
    assert (ANNUAL_COLUMNS.index("poll"), ANNUAL_COLUMNS.index("ann_value"), ANNUAL_COLUMNS.index("stkhgt")) == (
        12,
        13,
        17,
    )
    assert (HOURLY_COLUMNS.index("date"), HOURLY_COLUMNS.index("hrval0")) == (12, 14)


def test_a_stack_has_feet_and_the_mass_of_a_year_of_such_days(folder: Path) -> None:
    rows = rows_of(folder / f"ff10_point_{NAME}", ANNUAL_COLUMNS)
    nox = next(row for row in rows if row["poll"] == "NOX" and row["facility_id"] != "CELL")
    assert float(nox["stkhgt"]) == pytest.approx(120 / 0.3048)
    assert (nox["region_cd"], nox["erptype"]) == ("01001", "02")
    assert float(nox["stktemp"]) == pytest.approx(126.85 * 1.8 + 32)
    assert float(nox["stkvel"]) == pytest.approx(10 / 0.3048)
    assert float(nox["ann_value"]) * G_PER_SHORT_TON == pytest.approx(18_000 * 365)
    assert (float(nox["longitude"]), float(nox["latitude"])) == (116.85, 39.31)


def test_hours_are_those_of_the_two_dates_in_utc(folder: Path) -> None:
    rows = rows_of(folder / f"ff10_hourly_point_{NAME}", HOURLY_COLUMNS)
    nox = {row["date"]: row for row in rows if row["poll"] == "NOX" and row["facility_id"] != "CELL"}
    assert sorted(nox) == ["20151218", "20151219"]
    assert float(nox["20151218"]["hrval15"]) == 0.0
    assert float(nox["20151218"]["hrval16"]) * G_PER_SHORT_TON == pytest.approx(750.0)
    assert float(nox["20151218"]["daytot"]) * G_PER_SHORT_TON == pytest.approx(6000.0)
    assert float(nox["20151219"]["hrval15"]) * G_PER_SHORT_TON == pytest.approx(750.0)
    assert float(nox["20151219"]["hrval16"]) == 0.0


def test_a_day_in_utc_is_one_line(published: Path, tmp_path: Path) -> None:
    write_ff10(request_of(published, FIRST, "utc"), tmp_path)
    rows = rows_of(tmp_path / f"ff10_hourly_point_{NAME}", HOURLY_COLUMNS)
    assert {row["date"] for row in rows} == {"20151219"}


def test_the_heading_names_format_country_and_year(folder: Path) -> None:
    lines = (folder / f"ff10_hourly_point_{NAME}").read_text("ascii").splitlines()
    assert lines[:3] == ["#FORMAT=FF10_HOURLY_POINT", "#COUNTRY US", "#YEAR 2015"]
    assert max(len(line) for line in lines) < 1920


def test_the_mass_of_the_hourly_file_is_read_back(folder: Path) -> None:
    in_file = read_hourly_g(folder / f"ff10_hourly_point_{NAME}")
    assert in_file["PM2_5"] == pytest.approx(24 * 375.0)
    assert in_file["PMCOND"] == pytest.approx(24 * 75.0)


def test_facilities_are_named_by_their_stacks(folder: Path) -> None:
    (row,) = csv.DictReader((folder / "stacks.csv").open(encoding="utf-8"))
    assert row == {"facility_id": "0000001", "source_id": "L1", "stack_id": "S1", "enterprise_id": "E1"}

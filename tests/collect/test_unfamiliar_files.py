"""Files of other shapes as a new user tries them: declared, each is read; undeclared, it is refused in one line.

Each case has the file, the keys of feeds.toml that read it, and a value of its first reading.
"""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bigdata_emis.collect.feed_check import check_feed
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import DAY, region

MIDNIGHT = "2015-12-19T16:00:00+00:00"
EPOCH_MS = 1450540800000
"""Midnight of 20 December 2015 in Beijing."""


def quarters(first: int, last: int) -> list[str]:
    return [f"{number // 4:02d}:{number % 4 * 15:02d}" for number in range(first, last + 1)]


def hourly(line: str) -> str:
    return "".join(line.format(hour=hour, value=100 + hour) for hour in range(24))


def workbook() -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["负荷曲线"])
    sheet.append(["户号", "日期", *quarters(0, 95)])
    sheet.append(["m1", dt.date(2015, 12, 20), *(float(number) for number in range(8, 104))])
    book.save(target)
    return target.getvalue()


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("counts.csv", "cell,hour,present,moving\nc1,2015122000,420,40\n")
    return target.getvalue()


def nested_lines() -> str:
    readings = [
        {"device": {"sn": "m1"}, "ts": EPOCH_MS + n * 900_000, "value": {"kwh": 1.5}, "quality": [0]} for n in range(96)
    ]
    return "\n".join(map(json.dumps, readings))


ROAD = {"name": "京藏高速", "lcodes": "l1", "speed": "46", "time": "2015-12-20 00:00:00"}
CASES: dict[str, tuple[str, str, str | bytes, dict[str, Any], dict[str, Any]]] = {
    "tabs and GBK, ends of intervals with 24:00": (
        "power",
        "a.tsv",
        ("电表编号\t数据时间\t用电量(kWh)\n" + "".join(f"m1\t2015-12-20 {at}\t10\n" for at in quarters(1, 96))).encode(
            "gbk"
        ),
        {
            "columns": {"电表编号": "meter_id", "数据时间": "interval_start_utc", "用电量(kWh)": "energy_kwh"},
            "constants": {"interval_min": 15},
        },
        {"interval_start_utc": MIDNIGHT, "energy_kwh": 10.0},
    ),
    "an object a line, nested, milliseconds": (
        "power",
        "b.jsonl",
        nested_lines(),
        {
            "columns": {"device.sn": "meter_id", "ts": "interval_start_utc", "value.kwh": "energy_kwh"},
            "constants": {"interval_min": 15},
        },
        {"meter_id": "m1", "interval_start_utc": MIDNIGHT, "energy_kwh": 1.5},
    ),
    "a workbook with 96 columns of kW: the first point is 8 kW, 2 kWh": (
        "power",
        "c.xlsx",
        workbook(),
        {
            "skip_rows": 1,
            "wide": "{clock}",
            "time_columns": ["日期", "clock"],
            "columns": {"户号": "meter_id"},
            "units": {"energy_kwh": "kW"},
            "constants": {"interval_min": 15},
        },
        {"meter_id": "m1", "interval_start_utc": MIDNIGHT, "energy_kwh": 2.0},
    ),
    "semicolons, decimal comma, day first": (
        "air_quality",
        "d.csv",
        "Station;Datum;Komponente;Wert\n" + hourly("1001A;20/12/2015 {hour:02d}:00;PM2.5;{value},5\n"),
        {
            "separator": ";",
            "decimal": ",",
            "columns": {
                "Station": "station_id",
                "Datum": "hour_utc",
                "Komponente": "pollutant_code",
                "Wert": "concentration_ug_per_m3",
            },
        },
        {"station_id": "1001A", "hour_utc": MIDNIGHT, "concentration_ug_per_m3": 100.5},
    ),
    "remarks above, units below the names": (
        "air_quality",
        "e.csv",
        "# portal\n# licence\ntime,site,species,value\n-,-,-,mg/m3\n"
        + hourly("2015-12-20T{hour:02d}:00:00+08:00,1001A,PM10,0.{value}\n"),
        {
            "skip_rows": 2,
            "header_rows": 2,
            "units": {"concentration_ug_per_m3": "mg/m3"},
            "columns": {
                "time -": "hour_utc",
                "site -": "station_id",
                "species -": "pollutant_code",
                "value mg/m3": "concentration_ug_per_m3",
            },
        },
        {"pollutant_code": "PM10", "hour_utc": MIDNIGHT, "concentration_ug_per_m3": 100.0},
    ),
    "degrees Fahrenheit and knots: 50 degF are 10 degC, 36 kn are 18.52 m/s": (
        "weather",
        "f.csv",
        "stn,valid,tmpf,sknt,relh,mslp,p01m\n" + hourly("54511,2015-12-20T{hour:02d}:00+08:00,50,36,60,1013,0\n"),
        {
            "columns": {
                "stn": "station_id",
                "valid": "hour_utc",
                "tmpf": "air_temperature_degc",
                "sknt": "wind_speed_m_per_s",
                "relh": "relative_humidity_share",
                "mslp": "pressure_hpa",
                "p01m": "precipitation_mm",
            },
            "units": {"air_temperature_degc": "degF", "wind_speed_m_per_s": "kn", "relative_humidity_share": "%"},
            "absent_fields": ["dew_point_degc", "wind_direction_code"],
        },
        {
            "hour_utc": MIDNIGHT,
            "air_temperature_degc": 10.0,
            "wind_speed_m_per_s": 18.52,
            "relative_humidity_share": 0.6,
        },
    ),
    "roads two levels down, numbers as texts": (
        "traffic",
        "g.json",
        json.dumps({"status": "1", "trafficinfo": {"roads": [ROAD]}}),
        {
            "format": "json",
            "records": "trafficinfo.roads",
            "columns": {"lcodes": "link_id", "time": "interval_start_utc", "speed": "speed_km_per_h"},
            "absent_fields": ["flow_veh_per_h"],
        },
        {"link_id": "l1", "interval_start_utc": MIDNIGHT, "speed_km_per_h": 46.0},
    ),
    "a packed file with hours of ten digits": (
        "signalling",
        "h.csv.zip",
        archive(),
        {
            "columns": {
                "cell": "cell_id",
                "hour": "hour_utc",
                "present": "present_device_count",
                "moving": "moving_device_count",
            }
        },
        {"cell_id": "c1", "hour_utc": MIDNIGHT, "present_device_count": 420.0},
    ),
    "a column a pollutant beside the flow of the stack": (
        "cems",
        "i.csv",
        "排口,时间,SO2,NOx,流量\n" + hourly("s1,2015-12-20 {hour:02d}:00,{value},50,120000\n"),
        {
            "wide": "{pollutant_code}",
            "wide_value": "concentration_mg_per_m3",
            "columns": {"排口": "stack_id", "时间": "hour_utc", "流量": "flow_m3_per_h"},
        },
        {"stack_id": "s1", "hour_utc": MIDNIGHT, "concentration_mg_per_m3": 100.0, "flow_m3_per_h": 120000.0},
    ),
    "spreadsheet days: 42358 is 20 December 2015": (
        "power",
        "k.csv",
        "meter,t,kwh\n" + "".join(f"m1,{42358 + n / 96:.6f},2\n" for n in range(96)),
        {
            "columns": {"meter": "meter_id", "t": "interval_start_utc", "kwh": "energy_kwh"},
            "constants": {"interval_min": 15},
        },
        {"meter_id": "m1", "interval_start_utc": MIDNIGHT, "energy_kwh": 2.0},
    ),
}
TABLES = {
    "air_quality": "air_quality_reading",
    "cems": "cems_reading",
    "power": "power_reading",
    "signalling": "signalling_reading",
    "traffic": "traffic_reading",
    "weather": "weather_reading",
}


def check(folder: Path, case: str, keys: dict[str, Any]) -> dict[str, Any]:
    feed, name, content, *_ = CASES[case]
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    place = region(folder, **{feed: {"format": "csv", "drop": "drop/{day}.csv"} | keys})
    return check_feed(place, feed, TABLES[feed], day=DAY, file=path)


@pytest.mark.parametrize("case", CASES)
def test_a_declared_file_is_read_rightly(tmp_path: Path, case: str) -> None:
    *_, keys, expected = CASES[case]
    document = check(tmp_path, case, keys)
    assert document["refused"] == ""
    first = min(document["first_rows"], key=lambda row: row.get("hour_utc") or row["interval_start_utc"])
    for name, value in expected.items():
        shown = first[name].isoformat() if isinstance(first[name], dt.datetime) else first[name]
        assert shown == (pytest.approx(value, rel=1e-4) if _is_number(value) else value), name


def _is_number(value: Any) -> bool:
    return isinstance(value, float)


@pytest.mark.parametrize("case", CASES)
def test_an_undeclared_file_is_refused_in_one_line_that_names_what_is_missing(tmp_path: Path, case: str) -> None:
    document = check(tmp_path, case, {"format": CASES[case][3].get("format", "csv")})
    assert "\n" not in document["refused"]
    assert "expected" in document["refused"]


SUGGESTED = {
    "tabs and GBK, ends of intervals with 24:00": ("columns", "the length of an interval is not known"),
    "an object a line, nested, milliseconds": ("columns", ""),
    "semicolons, decimal comma, day first": ("decimal", ""),
    "remarks above, units below the names": ("skip_rows", 'write PM10 = "mg/m3"'),
    "degrees Fahrenheit and knots: 50 degF are 10 degC, 36 kn are 18.52 m/s": ("columns", "'tmpf'"),
    "roads two levels down, numbers as texts": ("records", ""),
    "a packed file with hours of ten digits": ("columns", ""),
    "a column a pollutant beside the flow of the stack": ("wide", ""),
}


@pytest.mark.parametrize(("case", "key", "remaining"), [(case, *found) for case, found in SUGGESTED.items()])
def test_a_refusal_comes_with_keys_and_with_what_they_leave_open(
    tmp_path: Path, case: str, key: str, remaining: str
) -> None:
    document = check(tmp_path, case, {"format": CASES[case][3].get("format", "csv")})
    assert key in document["suggested"]
    assert remaining in document["remaining"]
    assert bool(remaining) == bool(document["remaining"])


def test_a_file_of_a_format_that_is_not_read_says_which_are(tmp_path: Path) -> None:
    (tmp_path / "k.nc").write_bytes(b"CDF\x01")
    place = region(tmp_path, weather={"format": "csv", "drop": "drop/{day}.csv"})
    with pytest.raises(FeedError, match="format 'nc' is unknown; use json, jsonl, csv, parquet, xlsx or hj212"):
        check_feed(place, "weather", "weather_reading", day=DAY, file=tmp_path / "k.nc")

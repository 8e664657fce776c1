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


def sheets_of_pollutants() -> bytes:
    """A report: merged titles, and a sheet for each pollutant."""
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for pollutant, level in (("PM2.5", 80), ("SO2", 20)):
        sheet = book.create_sheet(pollutant)
        sheet.append(["某市环境空气质量日报"])
        sheet.merge_cells("A1:C1")
        sheet.append(["站点编码", "时间", "浓度"])
        for hour in range(24):
            sheet.append(["9001A", f"2015年12月20日{hour:02d}时", level + hour])
    book.save(target)
    return target.getvalue()


def nested_lines() -> str:
    readings = [
        {"device": {"sn": "m1"}, "ts": EPOCH_MS + n * 900_000, "value": {"kwh": 1.5}, "quality": [0]} for n in range(96)
    ]
    return "\n".join(map(json.dumps, readings))


POINTS = [{"t": clock, "p": f"{number}.50"} for number, clock in enumerate(quarters(0, 95))]
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
    "a sheet a pollutant below merged titles": (
        "air_quality",
        "l.xlsx",
        sheets_of_pollutants(),
        {
            "format": "xlsx",
            "sheet": "{pollutant_code}",
            "skip_rows": 1,
            "columns": {"站点编码": "station_id", "时间": "hour_utc", "浓度": "concentration_ug_per_m3"},
        },
        {"station_id": "9001A", "hour_utc": MIDNIGHT, "pollutant_code": "PM2.5", "concentration_ug_per_m3": 80.0},
    ),
    "a column an hour, named 0时 to 23时": (
        "air_quality",
        "m.csv",
        "日期,站点,项目," + ",".join(f"{hour}时" for hour in range(24)) + "\n"
        "2015-12-20,9001A,PM2.5," + ",".join(str(80 + hour) for hour in range(24)) + "\n",
        {
            "wide": "{clock}时",
            "wide_value": "concentration_ug_per_m3",
            "time_columns": ["日期", "clock"],
            "columns": {"站点": "station_id", "项目": "pollutant_code"},
        },
        {"station_id": "9001A", "hour_utc": MIDNIGHT, "pollutant_code": "PM2.5", "concentration_ug_per_m3": 80.0},
    ),
    "points of a meter in an array, numbers as texts, date and time apart": (
        "power",
        "n.json",
        json.dumps({"data": {"list": [{"meter": "m1", "date": "20151220", "points": POINTS}]}}),
        {
            "format": "json",
            "records": "data.list.points",
            "columns": {"meter": "meter_id", "p": "energy_kwh"},
            "time_columns": ["date", "t"],
            "constants": {"interval_min": 15},
        },
        {"meter_id": "m1", "interval_start_utc": MIDNIGHT, "energy_kwh": 0.5},
    ),
    "UTF-16 with tabs and commas between thousands": (
        "power",
        "o.tsv",
        ("表号\t时刻\t电量\r\n" + "".join(f"m1\t2015/12/20 {h}:00\t1,{234 + h % 2}.5\r\n" for h in range(24))).encode(
            "utf-16"
        ),
        {
            "columns": {"表号": "meter_id", "时刻": "interval_start_utc", "电量": "energy_kwh"},
            "constants": {"interval_min": 60},
            "thousands": ",",
        },
        {"meter_id": "m1", "interval_start_utc": MIDNIGHT, "energy_kwh": 1234.5},
    ),
    "decimal comma, exponent, and pollutants in the names of columns": (
        "cems",
        "p.csv",
        "排口;时间;SO2实测浓度;NOx实测浓度;烟气流量;状态\n"
        + "".join(f"s1;2015-12-20 {hour:02}:00:00;12,{hour % 10};45,5;1,2e5;N\n" for hour in range(24)),
        {
            "decimal": ",",
            "wide": "{pollutant_code}实测浓度",
            "wide_value": "concentration_mg_per_m3",
            "columns": {"排口": "stack_id", "时间": "hour_utc", "烟气流量": "flow_m3_per_h", "状态": "flag_codes"},
        },
        {"stack_id": "s1", "hour_utc": MIDNIGHT, "concentration_mg_per_m3": 12.0, "flow_m3_per_h": 120000.0},
    ),
    "a register that begins again at 0": (
        "power",
        "q.csv",
        "meter,t,reading\n" + "".join(f"m1,{EPOCH_MS // 1000 + 900 * n},{(9980 + n) % 10000}\n" for n in range(97)),
        {
            "columns": {"meter": "meter_id", "t": "interval_start_utc", "reading": "energy_kwh"},
            "constants": {"interval_min": 15},
            "cumulative": ["energy_kwh"],
            "counter_end": 9999,
        },
        {"meter_id": "m1", "interval_start_utc": MIDNIGHT, "energy_kwh": 1.0},
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
    "remarks above, units below the names": ("skip_rows", "names the unit mg/m3"),
    "degrees Fahrenheit and knots: 50 degF are 10 degC, 36 kn are 18.52 m/s": ("columns", "'tmpf'"),
    "roads two levels down, numbers as texts": ("records", ""),
    "a packed file with hours of ten digits": ("columns", ""),
    "a column a pollutant beside the flow of the stack": ("wide", ""),
    "a column an hour, named 0时 to 23时": ("time_columns", ""),
    "UTF-16 with tabs and commas between thousands": ("thousands", ""),
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
    document = check_feed(place, "weather", "weather_reading", day=DAY, file=tmp_path / "k.nc")
    assert "format 'nc' is unknown; use json, jsonl, csv, parquet, xlsx or hj212" in document["refused"]


def test_a_workbook_and_a_zip_of_several_files_name_what_they_hold(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        for name in ("R1.csv", "R2.csv"):
            files.writestr(name, "link,time,speed\n")
    (tmp_path / "t.zip").write_bytes(packed.getvalue())
    (tmp_path / "l.xlsx").write_bytes(sheets_of_pollutants())
    place = region(tmp_path, air_quality={"format": "xlsx", "drop": "drop/{day}.csv"})
    for name, words, suggested in (
        ("t.zip", "2 files in the zip: 'R1.csv', 'R2.csv'; expected one", {}),
        ("l.xlsx", "has 2 sheets; expected one of 'PM2.5', 'SO2'; write sheet", {"sheet": "{pollutant_code}"}),
    ):
        document = check_feed(place, "air_quality", "air_quality_reading", day=DAY, file=tmp_path / name)
        assert words in document["refused"]
        assert document["suggested"] == suggested


def test_a_row_of_totals_at_the_end_is_one_of_an_unknown_meter_without_a_time(tmp_path: Path) -> None:
    rows = hourly("m1,2015-12-20 {hour:02d}:00,{value}\n")
    (tmp_path / "t.csv").write_text(f"户号,时间,电量\n{rows}合计,,300\n", encoding="utf-8")
    keys = {"columns": {"户号": "meter_id", "时间": "interval_start_utc", "电量": "energy_kwh"}, "cumulative": []}
    place = region(
        tmp_path, power={"format": "csv", "drop": "drop/{day}.csv", "constants": {"interval_min": 60}} | keys
    )
    document = check_feed(place, "power", "power_reading", day=DAY, file=tmp_path / "t.csv")
    assert document["refused"] == ""
    assert "合计" in document["unknown"]["meter_id"]["first"]
    assert next(column["missing"] for column in document["columns"] if column["column"] == "时间") == 1

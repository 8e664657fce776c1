"""A small region whose files are spoilt in many ways, and what reading them says.

By hand, with more of them: `python -m tests.contracts.text_mutations 3000`.
"""

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bigdata_emis import flow, reference
from bigdata_emis.collect.feed_config import read_feed
from bigdata_emis.collect.register import register
from bigdata_emis.context import Context
from bigdata_emis.control.scenario.measures import load_measures
from bigdata_emis.errors import EmisError
from bigdata_emis.region import load_region
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window

LINE = "l1,e1,industrial_process,sinter,t"
REGION_FILES = {
    "region.toml": """name_en = "Town"
name_zh = "城"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 400000.0
y_origin_m = 4370000.0
columns = 40
rows = 40
[rules]
alert = "2018"
[options]
outlier_level_share = 0.99
interpolation_h = 3
link_detail = "link"
last_day = "2019-12-31"
association_costly_kinds = ["power"]
""",
    "feeds.toml": """[power]
format = "json"
address = "http://127.0.0.1:9/power"
drop = "drop/{day}.json"
http_from = 2015-12-20
page_size = 500
auth_secret = "A_TOKEN"
late_h = 6
timeout_s = 30
attempts = 3
time_zone = "Asia/Shanghai"
[power.columns]
meterNo = "meter_id"
[power.factors]
energy_kwh = 1000.0
[power.constants]
interval_min = 15
""",
    "registry/enterprise.csv": "# works of the town\nenterprise_id,name_zh,industry_code,longitude_deg,latitude_deg\n"
    "e1,钢铁,sinter,116.4,39.9\n",
    "registry/production_line.csv": "production_line_id,enterprise_id,sector_code,industry_code,activity_unit_code,"
    f"capacity_per_h,base_load_share,power_elasticity,reference_energy_kwh\n{LINE},2.0,0.1,1.0,200.0\n",
    "registry/meter.csv": "meter_id,production_line_id,meter_role_code,interval_min\nm1,l1,production,15\n",
    "registry/emission_factor.csv": "production_line_id,pollutant_code,emission_factor_g_per_unit,removal_share,"
    'relative_sd_share,source\nl1,SO2,4000.0,0.5,0.2,"a test, made up"\n',
    "registry/audited_emission_monthly.csv": "production_line_id,pollutant_code,month_start,audited_emission_g,"
    "relative_sd_share,source\nl1,SO2,2015-12-01,26500000,0.05,x\n",
    "registry/road_link.csv": "link_id,road_class_code,length_km,free_speed_km_per_h,jam_density_veh_per_km,"
    'geometry_wkt\nr1,primary,1.5,60,250,"LINESTRING (116.4 39.9, 116.41 39.9)"\n',
    "registry/activity_area.csv": "activity_area_id,sector_code,industry_code,geometry_wkt\n"
    'a1,other,residential_coal,"POLYGON ((116.4 39.9, 116.4 39.92, 116.42 39.92, 116.4 39.9))"\n',
    "registry/area_emission_annual.csv": "activity_area_id,pollutant_code,annual_emission_t,relative_sd_share\n"
    "a1,SO2,400,0.6\n",
    "registry/station.csv": "station_id,name_zh,longitude_deg,latitude_deg\ns1,东四,116.4,39.9\n",
    "registry/measure.csv": "measure_id,alert_level_code,industry_code,affected_share,cut_share\nx,red,sinter,1,0.5\n",
    "reference/fusion_parameter.csv": (reference.HERE / "fusion_parameter.csv").read_text("utf-8"),
    "reference/alert_target.csv": (reference.HERE / "alert_target.csv").read_text("utf-8"),
    "reference/aqi_item.csv": (reference.HERE / "aqi_item.csv").read_text("utf-8"),
}
VALUES = (
    *(
        "",
        "0",
        "-1",
        "1e308",
        "-1e308",
        "1e309",
        "nan",
        "inf",
        "9223372036854775807",
        "0x10",
        "1_000",
        "１２",
        "1,5",
        "true",
    ),
    *(
        "null",
        "2015-12-20",
        "2015-12-20T00:00:00",
        "9999-12-01",
        "0001-01-01",
        "../../etc/passwd",
        "Mars/Phobos",
        "x" * 70_000,
    ),
    *("http://[::1", "file:///etc/passwd", "{NOPE}", "{day}", "POINT (500 500)", "POINT EMPTY", "POINT (39.9 116.4)"),
    *(
        "LINESTRING (116 39, NaN 40)",
        "<img src=x>",
        "=cmd|' /C calc'!A0",
        "a\x1b[31m",
        "\u202eabc",
        "e1\u200b",
        "a\nb",
        "[]",
        "{}",
    ),
    *(
        "[1, 2]",
        "{a = 1}",
        '"x"',
        '"EPSG:4326"',
        '"+proj=nonsense"',
        '"\\u0000"',
        '"json"',
        "00:00:01",
        "9" * 5000,
        "f" * 300,
    ),
)
PIECES = (
    b'"',
    b",",
    b"\n",
    b"\0",
    b"\x85",
    b"\xe2\x80\xa8",
    b"NaN",
    b"-1",
    b"1e999",
    b"'",
    b"\t",
    b"[",
    b"]",
    b"=",
    b"#",
)
LONGEST_MESSAGE = 3000


@dataclass(frozen=True)
class Outcome:
    """What reading a region with one spoilt file came to: `accepted`, an exit status, or the fault of a message."""

    file: str
    content: bytes
    result: str


def survey(folder: Path, *, seed: int, count: int) -> Iterator[Outcome]:
    """Spoil one file of the region at a time, read everything, and restore it. EMIS_REGIONS must name the folder."""
    region = folder / "town"
    for name, text in REGION_FILES.items():
        (region / name).parent.mkdir(parents=True, exist_ok=True)
        (region / name).write_text(text, "utf-8")
    random_ = random.Random(seed)
    for _ in range(count):
        name = random_.choice(list(REGION_FILES))
        content = _spoil(REGION_FILES[name], random_)
        (region / name).write_bytes(content)
        yield Outcome(name, content, read_everything(folder))
        (region / name).write_text(REGION_FILES[name], "utf-8")


def read_everything(folder: Path) -> str:
    reference._read.cache_clear()
    try:
        region = load_region("town")
        now = datetime(2015, 12, 21, 16, tzinfo=UTC)
        store = Store(str(folder / "lake"), "town", region.time_zone)
        register(context=Context(region, Window(now.replace(day=20), now), now, "run", store))
        load_measures(region, None)
        for stage in flow.STAGES:
            if stage.feed in region.feeds:
                read_feed(region, stage.feed, stage.writes[0])
    except EmisError as refusal:
        return _judge(refusal)
    except Exception as problem:  # what this is for
        return f"{type(problem).__name__}: {problem}"[:200]
    return "accepted"


def _judge(refusal: EmisError) -> str:
    """The exit status, or what is wrong with the message."""
    text = str(refusal)
    if "\n" in text or len(text) > LONGEST_MESSAGE or not refusal.remedy:
        return f"bad message of {len(text)} characters: {text[:200]}"
    return str(refusal.exit_status)


def _spoil(text: str, random_: random.Random) -> bytes:
    kind = random_.randrange(10)
    if kind < 5:
        return _replace_value(text, random_).encode("utf-8", "surrogatepass")
    if kind == 5:
        return random_.choice((text.encode("utf-16"), text.encode("gb18030"), b"\xef\xbb\xbf" + text.encode(), b""))
    if kind == 6:
        lines = text.encode().splitlines(keepends=True)
        return (
            b"".join(lines + lines[-1:]) if random_.random() < 0.5 else b"".join(lines[: random_.randrange(len(lines))])
        )
    if kind == 7:
        pair = random_.choice(((b"\n", b"\r\n"), (b"\n", b"\r"), (b",", b";"), (b"=", b":"), (b'"', b"")))
        return text.encode().replace(*pair)
    return _spoil_bytes(text.encode(), random_)


def _replace_value(text: str, random_: random.Random) -> str:
    """One cell of a CSV, or one value of a TOML file, replaced by one that is wrong almost everywhere."""
    lines, value = text.split("\n"), random_.choice(VALUES)
    number = random_.choice([n for n, line in enumerate(lines) if line and not line.startswith(("#", "["))])
    if " = " in lines[number]:
        lines[number] = f"{lines[number].split(' = ')[0]} = {random_.choice((value, repr(value)))}"
    else:
        cells = lines[number].split(",")
        cells[random_.randrange(len(cells))] = random_.choice((value, f'"{value}"'))
        lines[number] = ",".join(cells)
    return "\n".join(lines)


def _spoil_bytes(content: bytes, random_: random.Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(random_.randint(1, 5)):
        place, kind = random_.randrange(len(spoilt) + 1), random_.random()
        if kind < 0.4 and place < len(spoilt):
            spoilt[place] = random_.randrange(256)
        elif kind < 0.6:
            del spoilt[place : place + random_.randint(1, 30)]
        elif kind < 0.8:
            spoilt[place:place] = random_.choice(PIECES)
        else:
            spoilt[place:place] = spoilt[place // 2 : place // 2 + random_.randint(1, 60)]
    return bytes(spoilt)


def main() -> None:
    """Count the outcomes of many spoilt files, and print those that should not be."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"EMIS_HOME": folder, "EMIS_REGIONS": folder}
        outcomes = list(survey(Path(folder), seed=int(sys.argv[2]) if sys.argv[2:] else 1, count=int(sys.argv[1])))
    print(Counter(o.result if len(o.result) < 10 else "FAULT" for o in outcomes))
    for outcome in outcomes:
        if outcome.result not in ("accepted", "2", "3"):
            print(outcome.file, outcome.result)


if __name__ == "__main__":
    main()

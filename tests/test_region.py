"""The folder of a region: its values, and the one-line refusal of a wrong one."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bigdata_emis import flow
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region, feed_names, load_grid, load_region

REGION = """name_en = "Town"
name_zh = "\u57ce"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = -500.5
y_origin_m = 0
columns = 2
rows = 2
[rules]
alert = "2017"
[options]
anonymity_count = 12
"""


def load(home: Path, content: bytes, feeds: str = "") -> Region:
    folder = home / "regions" / "town"
    folder.mkdir(parents=True)
    (folder / "region.toml").write_bytes(content)
    (folder / "feeds.toml").write_text(feeds, "utf-8")
    return load_region("town")


def test_a_byte_order_mark_is_no_part_of_the_file(home: Path) -> None:
    region = load(home, REGION.encode("utf-8-sig"), '[power]\nformat = "csv"\n')
    assert (region.name_zh, region.grid.x_origin_m, region.options, list(region.feeds)) == (
        "\u57ce",
        -500.5,
        {"anonymity_count": 12},
        ["power"],
    )


def test_a_file_that_is_not_utf8_is_refused(home: Path) -> None:
    with pytest.raises(InputError, match=r"region\.toml, line 2: byte 28 is not UTF-8; save"):
        load(home, REGION.encode("gb18030"))


WRONG = {
    "zone": ('"Asia/Shanghai"', '"Asia/Atlantis"', 'time_zone = "Asia/Atlantis": expected an IANA time zone'),
    "folder of zones": ('"Asia/Shanghai"', '"Asia"', 'time_zone = "Asia": expected an IANA'),
    "zone outside": ('"Asia/Shanghai"', '"../x"', 'time_zone = "../x": expected an IANA'),
    "no zone": ('"Asia/Shanghai"', '""', 'time_zone = "": expected an IANA'),
    "zone as a number": ('"Asia/Shanghai"', "8", "time_zone = 8: expected an IANA"),
    "simulated": ("= true", '= "false"', 'is_simulated = "false": expected true or false without quotes'),
    "simulated as a number": ("= true", "= 1", "is_simulated = 1: expected true or false"),
    "name": ('"Town"', "7", "name_en = 7: expected a text in quotes; write for instance name_en = "),
    "no name": ('name_zh = "\u57ce"', "", "name_zh is missing: expected a text"),
    "columns": ("columns = 2", 'columns = "many"', 'grid.columns = "many": expected a whole number above 0; write'),
    "text for a number": ("columns = 2", 'columns = "2"', 'grid.columns = "2": expected a whole number'),
    "half a column": ("columns = 2", "columns = 2.5", "grid.columns = 2.5: expected a whole number"),
    "truth for a number": ("rows = 2", "rows = true", "grid.rows = true: expected a whole number"),
    "no width": (
        "cell_m = 3000",
        "cell_m = 0",
        "grid.cell_m = 0: expected a number above 0; write for instance cell_m",
    ),
    "text for a width": ("cell_m = 3000", 'cell_m = "3000"', 'grid.cell_m = "3000": expected a number above 0'),
    "infinite": ("y_origin_m = 0", "y_origin_m = inf", "grid.y_origin_m = inf: expected a number"),
    "projection": ('"EPSG:32650"', "32650", "grid.projection = 32650: expected a projection as PROJ or EPSG text"),
    "no projection": ('"EPSG:32650"', '""', 'grid.projection = "": expected a projection'),
    "missing in the grid": ("rows = 2", "", "grid.rows is missing: expected a whole number above 0"),
    "unknown in the grid": ("rows = 2", "rows = 2\nlayers = 1", "grid.layers = 1: expected one of projection, cell_m"),
    "option": (
        "anonymity_count",
        "anonymity_cuont",
        "options.anonymity_cuont is unknown: expected one of anonymity_count",
    ),
    "key": ("is_simulated", "is_simulatd", "is_simulatd is unknown: expected one of name_en, name_zh, time_zone"),
    "key too many": ("[grid]", "retain_days = 3\n[grid]", "retain_days is unknown: expected one of name_en"),
    "table": ("[options]", "[option]", "option is unknown: expected one of name_en"),
    "unknown rule": ("alert = ", "alrt = ", "rules.alrt is unknown: expected one of alert"),
    "rule": ('alert = "2017"', "alert = 2017", "rules.alert = 2017: expected a table of versions in quotes"),
}


@pytest.mark.parametrize(("given", "instead", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_value_in_region_toml_is_refused_in_one_line(
    home: Path, given: str, instead: str, message: str
) -> None:
    assert given in REGION
    with pytest.raises(InputError, match=rf"region\.toml, {re.escape(message)}") as refusal:
        load(home, REGION.replace(given, instead).encode())
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "instead", "nearest"),
    [
        ("is_simulated", "is_simulatd", "is_simulated"),
        ("[options]", "[option]", "options"),
        ("anonymity_count", "anonymity_cuont", "anonymity_count"),
        ("alert = ", "alrt = ", "alert"),
    ],
)
def test_the_refusal_of_an_unknown_key_names_the_nearest_one(
    home: Path, given: str, instead: str, nearest: str
) -> None:
    with pytest.raises(InputError, match=f"; write {nearest}, or remove it$"):
        load(home, REGION.replace(given, instead).encode())


def test_a_folder_in_place_of_feeds_toml_is_refused_and_is_not_a_region_without_feeds(home: Path) -> None:
    load(home, REGION.encode())
    feeds = home / "regions" / "town" / "feeds.toml"
    feeds.unlink()
    assert load_region("town").feeds == {}
    feeds.mkdir()
    with pytest.raises(InputError, match=r"feeds\.toml is not a file"):
        load_region("town")


def test_a_link_that_leads_nowhere_in_place_of_feeds_toml_is_refused(home: Path) -> None:
    load(home, REGION.encode())
    feeds = home / "regions" / "town" / "feeds.toml"
    feeds.unlink()
    feeds.symlink_to(home / "nowhere.toml")
    with pytest.raises(InputError, match=r"feeds\.toml: No such file"):
        load_region("town")


@pytest.mark.parametrize("table", ["grid", "rules", "options"])
def test_a_value_in_place_of_a_table_is_refused(home: Path, table: str) -> None:
    content = re.sub(rf"\[{table}\][^\[]*", "", REGION)
    with pytest.raises(InputError, match=rf"region\.toml, {table} = 3: expected a table"):
        load(home, f"{table} = 3\n{content}".encode())


def test_rules_and_options_may_be_absent(home: Path) -> None:
    region = load(home, REGION.split("[rules]")[0].encode())
    assert (region.rules, region.options, region.anonymity_count) == ({}, {}, 10)


@pytest.mark.parametrize("count", ["9", "true", "12.5", '"12"'])
def test_a_count_that_allows_too_little_anonymity_is_refused(home: Path, count: str) -> None:
    with pytest.raises(InputError, match=f"options.anonymity_count = {count}: expected a whole number from 10 to"):
        load(home, REGION.replace("anonymity_count = 12", f"anonymity_count = {count}").encode())


def test_a_region_built_by_code_keeps_enough_anonymity_too(home: Path) -> None:
    region = replace(load(home, REGION.encode()), options={"anonymity_count": 9})
    with pytest.raises(InputError, match="options.anonymity_count = 9: expected a whole number, 10 or more"):
        _ = region.anonymity_count


OUT_OF_RANGE = {
    "very many columns": (
        "columns = 2",
        "columns = 9223372036854775807",
        "grid.columns = 9223372036854775807: expected",
    ),
    "too many cells": (
        "columns = 2\nrows = 2",
        "columns = 1001\nrows = 1000",
        "grid.columns × grid.rows = 1,001,000: ",
    ),
    "width of a dust grain": (
        "cell_m = 3000",
        "cell_m = 0.0000001",
        "grid.cell_m = 1e-07: expected a number from 10 to",
    ),
    "width of the sky": (
        "cell_m = 3000",
        "cell_m = 1e308",
        "grid.cell_m = 1e+308: expected a number from 10 to 200000",
    ),
    "origin": ("x_origin_m = -500.5", "x_origin_m = 1e308", "grid.x_origin_m = 1e+308: expected a number from -1000"),
    "share": (
        "anonymity_count = 12",
        "outlier_level_share = 2",
        "options.outlier_level_share = 2: expected a number from 0",
    ),
    "hours": ("anonymity_count = 12", "interpolation_h = 1e308", "options.interpolation_h = 1e+308: expected a whole"),
    "half a tree": ("anonymity_count = 12", "deweather_trees = 0.5", "options.deweather_trees = 0.5: expected a whole"),
    "choice": ("anonymity_count = 12", 'link_detail = "road"', 'options.link_detail = "road": expected one of vehicle'),
    "list": ("anonymity_count = 12", "activity_forms = 5", "options.activity_forms = 5: expected a list of text"),
    "day": ("anonymity_count = 12", "last_day = 7", "options.last_day = 7: expected a date of the years 1970 to 2200"),
    "time for a day": ("anonymity_count = 12", "last_day = 2015-12-20T00:00:00", "options.last_day = "),
    "control character": ('"Town"', '"To\\u0000wn"', r'name_en = "To\u0000wn": expected a printable text'),
    "long text": ('"Town"', f'"{"x" * 70_000}"', 'name_en = "xxx'),
    "long name of a key": ("anonymity_count = 12", f"{'x' * 70_000} = 1", "options.xxx"),
    "huge number": ("columns = 2", f"columns = 0x{'f' * 9000}", "grid.columns = a value too large to be shown"),
    "half-hour zone": ("Asia/Shanghai", "Asia/Kolkata", 'time_zone = "Asia/Kolkata": its days begin +5.5 h from UTC'),
    "quarter-hour zone": ("Asia/Shanghai", "Asia/Kathmandu", 'time_zone = "Asia/Kathmandu": its days begin +5.75 h'),
    "half-hour summer time": ("Asia/Shanghai", "Australia/Lord_Howe", 'time_zone = "Australia/Lord_Howe": its days'),
    "zone of the machine": ("Asia/Shanghai", "localtime", 'time_zone = "localtime": expected an IANA time zone'),
    "zone with leap seconds": ("Asia/Shanghai", "right/UTC", 'time_zone = "right/UTC": expected an IANA time zone'),
}


@pytest.mark.parametrize(("given", "instead", "message"), OUT_OF_RANGE.values(), ids=OUT_OF_RANGE.keys())
def test_a_value_out_of_range_is_refused_in_one_short_line(home: Path, given: str, instead: str, message: str) -> None:
    assert given in REGION
    with pytest.raises(InputError, match=rf"region\.toml, {re.escape(message)}") as refusal:
        load(home, REGION.replace(given, instead).encode())
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 3000


def test_a_half_hour_zone_is_refused_with_the_nearest_zone_of_whole_hours(home: Path) -> None:
    with pytest.raises(InputError, match=r'write for instance time_zone = "Etc/GMT-5"'):
        load(home, REGION.replace("Asia/Shanghai", "Asia/Kolkata").encode())


def test_a_nested_text_without_end_is_refused(home: Path) -> None:
    with pytest.raises(InputError, match=r"region\.toml: .*; correct the file"):
        load(home, b"x = " + b"[" * 100_000)


@pytest.mark.parametrize(
    ("feeds", "message"),
    [
        ('[powr]\nformat = "csv"\n', "powr is unknown: expected one of .*power"),
        ("power = 1\n", "power = 1: expected a table; write"),
    ],
    ids=["name", "value"],
)
def test_a_feed_that_does_not_exist_is_refused(home: Path, feeds: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"feeds\.toml, {message}"):
        load(home, REGION.encode(), feeds)


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "x" * 300, "a\0b", "a\nb", " a", "a\\b", "\u202ea"])
def test_a_region_id_that_is_no_folder_name_is_refused(home: Path, name: str) -> None:
    with pytest.raises(InputError, match="is not a name"):
        load_region(name)


def test_an_unknown_region_is_refused_with_those_known(home: Path) -> None:
    with pytest.raises(InputError, match="region 'atlantis' is unknown; use one of nys; `emis demo` generates jjj"):
        load_region("atlantis")


def test_the_feeds_of_a_region_are_those_that_the_flow_collects() -> None:
    assert set(feed_names()) == {stage.feed for stage in flow.STAGES if stage.feed}


def test_the_region_that_ships_with_the_package_is_accepted(home: Path) -> None:
    assert load_region("nys").rules == {"alert": "2018"}


GRID_FILE = """name = "d02"
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = -500.5
y_origin_m = 0
columns = 2
rows = 2
"""
WRONG_GRID = {
    "no TOML": ("name =", "name", "own\\.toml: .*correct the file"),
    "unknown key": ("rows = 2", "rows = 2\nlayers = 3", "grid.layers is unknown: expected one of projection, cell_m"),
    "unknown table": ("[grid]", "[grids]", "grids is unknown: expected one of name, grid; write grid"),
    "no grid": (GRID_FILE.partition("[grid]")[2], "", r"grid.projection is missing: expected a projection"),
    "a value in place of the grid": (GRID_FILE.partition("\n")[2], "grid = 3", "grid = 3: expected a table"),
    "no name": ('name = "d02"', "", "name is missing: expected 1 to 16 letters"),
    "a path as a name": ('"d02"', '"../d02"', r'name = "\.\./d02": expected 1 to 16 letters'),
    "long name": ('"d02"', '"d2345678901234567"', "expected 1 to 16 letters"),
    "empty cell": ("cell_m = 3000", "cell_m = 0", "grid.cell_m = 0: expected a number above 0"),
    "negative cell": ("cell_m = 3000", "cell_m = -3", "grid.cell_m = -3: expected a number above 0"),
    "no number": ("cell_m = 3000", "cell_m = nan", "grid.cell_m = nan: expected a number above 0"),
    "infinite origin": ("-500.5", "inf", "grid.x_origin_m = inf: expected a number"),
    "no column": ("columns = 2", "columns = 0", "grid.columns = 0: expected a whole number above 0"),
    "half a row": ("rows = 2", "rows = 2.5", "grid.rows = 2.5: expected a whole number above 0"),
    "too many cells": (
        "columns = 2\nrows = 2",
        "columns = 2000\nrows = 1000",
        "columns × grid.rows = 2,000,000: expected at most 1,000,000 cells",
    ),
}


def test_a_grid_of_its_own_file_is_read_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(GRID_FILE, "utf-8")
    assert load_grid(file) == ("d02", Grid("EPSG:32650", 3000.0, -500.5, 0.0, 2, 2))


@pytest.mark.parametrize(("given", "instead", "message"), WRONG_GRID.values(), ids=WRONG_GRID.keys())
def test_a_grid_file_that_is_unusable_is_refused_in_one_line(
    tmp_path: Path, given: str, instead: str, message: str
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(GRID_FILE.replace(given, instead), "utf-8")
    with pytest.raises(InputError, match=message) as refusal:
        load_grid(file)
    assert "\n" not in str(refusal.value)


def test_a_grid_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none\\.toml"):
        load_grid(tmp_path / "none.toml")

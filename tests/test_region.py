"""The folder of a region: what is read from it, and the one line that says what is wrong."""

from pathlib import Path

import pytest

from bigdata_emis import flow
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region, feed_names, load_region

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
    with pytest.raises(InputError, match=r"region\.toml is not UTF-8"):
        load(home, REGION.encode("gb18030"))


@pytest.mark.parametrize(
    ("given", "instead", "message"),
    [
        pytest.param('"Asia/Shanghai"', '"Asia/Atlantis"', "time_zone 'Asia/Atlantis' is unknown", id="zone"),
        pytest.param('"Asia/Shanghai"', '"Asia"', "time_zone 'Asia' is unknown", id="folder of zones"),
        pytest.param('"Asia/Shanghai"', '"../x"', "time_zone '../x' is unknown", id="zone outside"),
        pytest.param('"Asia/Shanghai"', '""', "time_zone '' is unknown", id="no zone"),
        pytest.param('"Asia/Shanghai"', "8", "time_zone '8' is unknown", id="zone as a number"),
        pytest.param("= true", '= "false"', "is_simulated is 'false'; write true or false", id="simulated"),
        pytest.param('"Town"', "7", "name_en is not a text", id="name"),
        pytest.param("columns = 2", 'columns = "many"', r"\[grid\] columns is 'many'; write a number", id="columns"),
        pytest.param(
            "columns = 2", "columns = 2.5", r"\[grid\] columns is '2.5'; write a whole number", id="half a column"
        ),
        pytest.param("rows = 2", "rows = true", r"\[grid\] rows is 'True'; write a number", id="truth for a number"),
        pytest.param("cell_m = 3000", "cell_m = 0", r"\[grid\] cell_m is '0'; write a number above 0", id="no width"),
        pytest.param("y_origin_m = 0", "y_origin_m = inf", r"\[grid\] y_origin_m is 'inf'", id="infinite"),
        pytest.param('"EPSG:32650"', "32650", r"\[grid\] projection is '32650'", id="projection"),
        pytest.param(
            "anonymity_count",
            "anonymity_cuont",
            r"\[options\] key 'anonymity_cuont' is unknown; known: anonymity_count, ",
            id="option",
        ),
        pytest.param('alert = "2017"', "alert = 2017", r"\[rules\] alert is '2017'; write it in quotes", id="rule"),
    ],
)
def test_what_is_wrong_in_region_toml_is_named_in_one_line(home: Path, given: str, instead: str, message: str) -> None:
    assert given in REGION
    with pytest.raises(InputError, match=rf"region\.toml: {message}") as refusal:
        load(home, REGION.replace(given, instead).encode())
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("feeds", "message"),
    [('[powr]\nformat = "csv"\n', "feed 'powr' is unknown; known: .*power"), ("power = 1\n", "feed power is '1'")],
    ids=["name", "value"],
)
def test_a_feed_that_there_is_not_is_refused(home: Path, feeds: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"feeds\.toml: {message}"):
        load(home, REGION.encode(), feeds)


def test_the_feeds_of_a_region_are_those_that_the_flow_collects() -> None:
    assert set(feed_names()) == {stage.feed for stage in flow.STAGES if stage.feed}


def test_the_region_that_ships_with_the_package_is_accepted(home: Path) -> None:
    assert load_region("nys").rules == {"alert": "2018"}

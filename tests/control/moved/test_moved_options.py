"""The options as a person writes them: what is read, and what is refused in one line."""

from pathlib import Path

import pytest

from bigdata_emis.control.moved.detour_links import DetourLinks
from bigdata_emis.control.moved.moved_options import (
    NOTHING_MOVED,
    Detour,
    Rebound,
    join_detour,
    load_moved_options,
    parse_detour,
    parse_rebound,
)
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from tests.control.optimise.published_region import region_of


def test_share_and_hours_of_a_rebound_are_read() -> None:
    assert parse_rebound("share=0.5, hours=24") == Rebound(0.5, 24)
    assert parse_rebound("hours=240,share=1") == Rebound(1.0, 240)


def test_classes_and_destination_of_a_detour_are_read() -> None:
    assert parse_detour("share=0.3,classes=MediumT+HeavyT,to=outside") == (
        Detour(0.3, ["HeavyT", "MediumT"], "outside"),
        None,
    )
    assert parse_detour("share=0.3,classes=HeavyT,to=neighbours,links=a.csv")[1] == Path("a.csv")


@pytest.mark.parametrize("order", ["{links},{rest}", "{rest},{links}"])
def test_the_path_of_links_may_hold_commas(order: str) -> None:
    text = order.format(
        links="links=/data/roads, ring 5/closed,open.csv", rest="share=0.3,classes=HeavyT,to=neighbours"
    )
    assert parse_detour(text)[1] == Path("/data/roads, ring 5/closed,open.csv")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0.5", "expected share, hours, each once with a value"),
        ("share=0.5", "has no hours: no default is used"),
        ("hours=24", "has no share: no default is used"),
        ("share=0.5,hours=24,share=0.6", "each once"),
        ("share=,hours=24", "each once with a value"),
        ("share=0,hours=24", "share is '0': expected above 0 and at most 1"),
        ("share=50,hours=24", "share is '50'"),
        ("share=nan,hours=24", "share is 'nan'"),
        ("share=0.5,hours=0", "hours is '0': expected a whole number from 1 to 240"),
        ("share=0.5,hours=241", "hours is '241'"),
        (f"share=0.5,hours={'9' * 5000}", "expected a whole number from 1 to 240"),
        ("share=0.5,hours=1.5", "hours is '1.5'"),
        ("share=0.5,hours=²", "hours is '²'"),
    ],
)
def test_a_wrong_rebound_is_refused(text: str, what: str) -> None:
    with pytest.raises(InputError, match="--rebound") as refused:
        parse_rebound(text)
    assert what in str(refused.value)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("share=0.3,to=outside", "has no classes"),
        ("share=0.3,classes=Lorry,to=outside", "vehicle class 'Lorry' is unknown"),
        ("share=0.3,classes=all,to=outside", "vehicle class 'all' is unknown"),
        ("share=0.3,classes=BUS+BUS,to=outside", "a vehicle class is repeated"),
        ("share=0.3,classes=BUS,to=home", "to is 'home': expected outside or neighbours"),
        ("share=0.3,classes=BUS,to=neighbours", "to=neighbours without links"),
        ("share=0.3,classes=BUS,to=outside,speed=40", "expected share, classes, to"),
    ],
)
def test_a_wrong_detour_is_refused(text: str, what: str) -> None:
    with pytest.raises(InputError, match="--detour") as refused:
        parse_detour(text)
    assert what in str(refused.value)


def test_links_that_contradict_the_destination_are_refused() -> None:
    away, near = Detour(0.3, ["BUS"], "outside"), Detour(0.3, ["BUS"], "neighbours")
    with pytest.raises(InputError, match="to=outside with links of role open"):
        join_detour(away, DetourLinks({"a": 0}, [{"b": 1.0}], has_open=True))
    with pytest.raises(InputError, match="no closed link shares an end"):
        join_detour(near, DetourLinks({"a": 0}, [{}]))
    assert join_detour(near, DetourLinks({"a": 0, "b": 1}, [{}, {"c": 1.0}])).links is not None


def test_without_an_option_the_registry_is_not_read(tmp_path: Path) -> None:
    assert load_moved_options(region_of(tmp_path), "", "") is NOTHING_MOVED


def test_a_registry_that_does_not_exist_yet_is_made_before_it_is_read(home: Path) -> None:
    options = load_moved_options(load_region("nys"), "share=0.5,hours=24", "share=0.3,classes=HeavyT,to=outside")
    assert options.rebound == Rebound(0.5, 24, {})
    assert options.detour == Detour(0.3, ["HeavyT"], "outside")

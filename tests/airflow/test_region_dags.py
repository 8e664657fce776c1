"""A fault in one region folder is one error that names it, and the other regions keep their DAGs."""

from pathlib import Path

import pytest

from bigdata_emis.airflow.region_dags import region_titles, regions, require_readable_regions, title
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from tests.dags.conftest import make_region


def test_the_regions_are_those_with_a_folder_and_their_titles_are_in_both_languages(home: Path) -> None:
    assert [region.region_id for region in regions()] == ["nys"]
    assert region_titles() == {"nys": "纽约州火电机组 New York State, thermal power units"}
    require_readable_regions()


def test_the_title_of_simulated_data_says_so(home: Path) -> None:
    make_region(home / "regions", "town")
    assert title(load_region("town")) == "城 Town · 模拟数据 simulated"


@pytest.mark.parametrize(
    ("name", "file", "content", "named"),
    [
        ("b", "region.toml", 'name_en = "B"\nbroken\n', "region.toml: .*line 2"),
        ("b", "feeds.toml", '[power]\nformat = "csv\n', "feeds.toml: .*line 2"),
        ("b", "region.toml", "", "region.toml, name_en is missing"),
        ("b", "feeds.toml", "[powr]\n", "feeds.toml, powr is unknown"),
        ("two words", "feeds.toml", "", "two words has a name that no DAG can have"),
        ("n" * 200, "feeds.toml", "", "is not a name"),
    ],
    ids=["TOML of the region", "TOML of the feeds", "empty", "unknown feed", "a space", "a long name"],
)
def test_a_broken_region_is_named_with_file_and_line_and_the_others_stay(
    home: Path, name: str, file: str, content: str, named: str
) -> None:
    make_region(home / "regions", "town")
    make_region(home / "regions", name)
    (home / "regions" / name / file).write_text(content, "utf-8")
    assert [region.region_id for region in regions()] == ["nys", "town"]
    with pytest.raises(InputError, match=f"(?s)these regions have no DAGs.*{named}"):
        require_readable_regions()


def test_every_broken_region_has_a_line(home: Path) -> None:
    for name in ("a", "b"):
        make_region(home / "regions", name)
        (home / "regions" / name / "region.toml").write_text("broken", "utf-8")
    with pytest.raises(InputError) as refusal:
        require_readable_regions()
    assert [line[:2] for line in refusal.value.what.splitlines()[1:]] == ["a:", "b:"]

"""Generated files are current."""

import ast
import csv
from dataclasses import fields
from pathlib import Path

import pytest

from bigdata_emis import schema
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from bigdata_emis.collect.feed_config import FEED_KEYS
from bigdata_emis.docgen.generated_files import REPOSITORY, renderings
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import TYPES as ARROW
from bigdata_emis.schema.model import KINDS
from bigdata_emis.schema.spark import TYPES as SPARK
from bigdata_emis.schema.sql import TYPES as SQL
from bigdata_emis.settings import PACKAGE
from bigdata_emis.upkeep.pruning.retention import RetentionPolicy

WANTED = renderings()


@pytest.mark.parametrize("name", WANTED)
def test_a_generated_file_is_current(name: str) -> None:
    assert (REPOSITORY / name).read_text("utf-8") == WANTED[name], "run python -m bigdata_emis.docgen.generated_files"


def test_every_table_field_and_code_is_in_the_dictionary() -> None:
    page = WANTED["docs/generated/data_dictionary.md"]
    assert not [name for name in schema.tables() if f"### {name}\n" not in page]
    assert not [c.code for members in schema.codes().values() for c in members.values() if f"| {c.code} |" not in page]


def test_every_equation_is_on_its_page_with_its_source() -> None:
    page = WANTED["docs/generated/equations.md"]
    for path in (PACKAGE / "equations").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and path.stem != "functions":
                assert f"### {path.stem}.{node.name}" in page
                assert "Source" in (ast.get_docstring(node) or ""), f"{path.stem}.{node.name} cites no source"


def documented(file: str, table: str) -> set[str]:
    with (Path(schema.__file__).parent / "region_keys.csv").open(encoding="utf-8", newline="") as lines:
        return {row["key"] for row in csv.DictReader(lines) if (row["file"], row["table"]) == (file, table)}


def test_the_page_of_the_region_folder_has_every_key() -> None:
    not_in_file = {"region_id", "folder", "grid", "rules", "options", "feeds", "retention"}
    assert documented("region.toml", "") == {f.name for f in fields(Region)} - not_in_file
    assert documented("region.toml", "grid") == {f.name for f in fields(Grid)}
    assert documented("region.toml", "options") >= {f.name for f in fields(CleaningOptions)}
    assert documented("region.toml", "retention") == {f.name for f in fields(RetentionPolicy)}
    assert documented("feeds.toml", "feed") == set(FEED_KEYS)


def test_every_kind_of_field_is_rendered_everywhere() -> None:
    assert set(KINDS) == set(ARROW) == set(SPARK) == set(SQL)

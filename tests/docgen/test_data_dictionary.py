"""The data dictionary page: cells, allowed values and tables."""

from dataclasses import replace

from bigdata_emis import schema
from bigdata_emis.docgen.data_dictionary import data_dictionary, describe_bounds, escape_cell

SHARE = replace(schema.field("fleet_share"), minimum=0.0, maximum=1.0, code_list="")


def test_text_with_a_bar_or_a_line_break_stays_in_its_cell():
    assert escape_cell("a|b\nc") == "a\\|b c"


def test_allowed_values_are_bounds_or_a_link_to_the_code_list():
    assert describe_bounds(SHARE) == "0 … 1"
    assert describe_bounds(replace(SHARE, maximum=None)) == "0 …"
    assert describe_bounds(replace(SHARE, minimum=None, maximum=None)) == ""
    assert describe_bounds(replace(SHARE, code_list="grade")) == "code [grade](#grade)"


def test_a_key_column_is_bold_and_has_unit_and_both_titles():
    page = data_dictionary()
    section = page[page.index("### emission_hourly\n") :].split("\n### ")[0]
    assert "| **source_id** |" in section
    (row,) = [line for line in section.splitlines() if line.startswith("| emission_g ")]
    declared = schema.field("emission_g")
    assert row.split(" | ")[2] == "gram"
    assert declared.title_en in row
    assert declared.title_zh in row


def test_tables_for_readers_and_conventions_have_sections_of_their_own():
    page = data_dictionary()
    assert page.index("## Tables for readers only") < page.index("### published_grid\n")
    conventions = page[page.index("## Conventions") :].split("\n## ")[0]
    assert "| nox_as_no2 | NOx is a mass of NO2" in conventions
    daily = page[page.index("### emission_total_daily\n") :].split("\n### ")[0]
    assert "Conventions: nox_as_no2" in daily
    assert "| emission of the day | 日排放量 |" in daily

"""Pages of docs/generated: diagrams of the flow, anchors of equations, keys of a region."""

import re

import pytest

from bigdata_emis import flow
from bigdata_emis.docgen.pages import REGISTRY_STAGE, equations_page, flow_page, region_page

LARGEST_DIAGRAM_ARROWS = 30
VERB_OF = {stage.name: stage.verb for stage in flow.STAGES}


@pytest.fixture(scope="module")
def sections() -> dict[str, str]:
    """The flow page by heading; the part before the first heading has the key ''."""
    first, *rest = flow_page().split("\n## ")
    return {"": first, **dict(part.split("\n", 1) for part in rest)}


def arrows(text: str) -> set[tuple[str, str]]:
    return set(re.findall(r"^    (\w+) --> (\w+)$", text, re.MULTILINE))


def test_each_verb_has_a_section_in_the_order_of_the_flow(sections):
    assert list(sections) == ["", "collect", "clean", "relate", "inventory", "control", "publish"]


def test_each_stage_is_a_row_of_the_section_of_its_verb(sections):
    for stage in flow.STAGES:
        assert f"\n| {stage.name} | {stage.schedule} |" in sections[stage.verb]


def test_the_diagrams_of_the_verbs_together_have_every_arrow_of_the_flow(sections):
    drawn = set().union(*(arrows(sections[verb]) for verb in set(VERB_OF.values())))
    expected = {
        (a if VERB_OF[a] == VERB_OF[b] else f"verb_{VERB_OF[a]}", b) for a, b in flow.edges() if a != REGISTRY_STAGE
    }
    assert drawn == expected


def test_the_first_diagram_has_the_arrows_between_verbs(sections):
    assert ("collect", "clean") in arrows(sections[""])
    assert arrows(sections[""]) == {
        (VERB_OF[a], VERB_OF[b]) for a, b in flow.edges() if a != REGISTRY_STAGE and VERB_OF[a] != VERB_OF[b]
    }


def test_no_diagram_is_too_large_to_read(sections):
    assert max(len(arrows(text)) for text in sections.values()) <= LARGEST_DIAGRAM_ARROWS


def test_an_optional_read_is_italic_and_a_table_links_to_the_dictionary(sections):
    (row,) = [line for line in sections["inventory"].splitlines() if line.startswith("| emit_area ")]
    assert "*[area_activity_hourly](data_dictionary.md#area_activity_hourly)*" in row
    assert "`area_temporal_profile`" in row


def test_each_equation_has_an_anchor_of_its_own_with_its_unit():
    headings = re.findall(r"^### (\S+)(.*)$", equations_page(), re.MULTILINE)
    names = [name for name, _ in headings]
    assert len(set(names)) == len(names)
    assert ("traffic.emission_g", " (gram)") in headings
    assert "industry.emission_g" in names


def test_the_region_page_has_a_table_for_each_part_of_a_file():
    page = region_page()
    assert "## region.toml · [grid]" in page
    assert "## feeds.toml · [<feed>]" in page
    assert "| `time_zone` |" in page
    assert "`power` → [power_reading](data_dictionary.md#power_reading)" in page

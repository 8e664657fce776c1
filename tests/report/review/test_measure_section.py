"""The table of measures in words."""

from bigdata_emis.report.review.measure_section import BASE_OF_OUTCOME, UNDETERMINED, execution_words, measure_section
from tests.report.review.reviewed_town import achieved_row
from tests.report.review.test_review_sheet import review


def test_measures_have_names_and_the_largest_cut_is_first() -> None:
    part = measure_section(review())
    assert [(row[0]["zh"], row[3]["en"]) for row in part["rows"]] == [("水泥", "40"), ("trucks", "20"), ("mill", "10")]


def test_an_execution_within_its_error_is_not_a_percentage() -> None:
    assert execution_words(achieved_row("mobile", 20, 5))["en"] == "25.0%"
    assert execution_words(achieved_row("mobile", 5, 60)) == UNDETERMINED
    assert execution_words(None)["en"] == "–"


def test_the_base_of_planned_cuts_is_said_where_they_are_those_of_the_outcome() -> None:
    assert BASE_OF_OUTCOME in measure_section(review())["notes"]
    assert BASE_OF_OUTCOME not in measure_section(review(outcome=False))["notes"]

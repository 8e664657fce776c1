"""The review for programs: the numbers of its tables, null where something cannot be known."""

from bigdata_emis.report.review.review_document import review_document
from tests.report.review.reviewed_town import HOUR, START
from tests.report.review.test_review_sheet import review


def test_document_and_sheet_say_the_same() -> None:
    document = review_document(review(), [])
    (nox,) = document["totals"]
    assert (nox["planned_kg"], nox["achieved_kg"], nox["execution_share"]) == (70.0, 45.0, 45 / 70)
    assert sum(row["achieved_kg"] for row in document["measures"]) == 45.0
    assert document["lead_times"]["issue_to_start_h"] == 6.0
    assert (document["alert"], document["scenario"], document["cases"]) == ("town-issue-1", "s", 1)
    assert document["air"][0]["forecast_issued_utc"] == (START - 7 * HOUR).isoformat()


def test_effect_on_the_air_and_cost_are_null_and_said() -> None:
    document = review_document(review(), [])
    assert document["effect_on_air"] is None
    assert document["cost"] is None
    assert any("did to the air is unknown" in text for text in document["unknown"])
    assert any("cost is unknown" in text for text in document["unknown"])


def test_a_measure_has_its_identifier_and_its_names() -> None:
    kiln = review_document(review(), [])["measures"][0]
    assert (kiln["measure"], kiln["name_en"], kiln["name_zh"]) == ("kiln", "cement", "水泥")

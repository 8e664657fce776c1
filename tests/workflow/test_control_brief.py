"""The brief and the orders of a day as files."""

from bigdata_emis.storage.lake import open_lake
from bigdata_emis.workflow.control_brief import write_brief
from tests.report.brief.briefed_town import fill_town
from tests.report.city_day import CITY, fill_day
from tests.report.stores import DAY, START


def test_brief_and_orders_lie_beside_the_published_tables(home) -> None:
    fill_town()
    document = write_brief(CITY, DAY, known_utc=START)
    assert sorted(document["files"]) == sorted(document["order_files"]) == ["html", "pdf_en", "pdf_zh"]
    page = open_lake(CITY).read_document(f"brief/{DAY}-orders.html", tree="published") or b""
    assert "北厂".encode() in page
    assert write_brief(CITY, DAY, known_utc=START, scenario_id="red-1") == document


def test_without_scenario_there_are_no_orders(home) -> None:
    fill_day()
    assert write_brief(CITY, DAY, known_utc=START)["order_files"] == {}
    assert open_lake(CITY).read_document(f"brief/{DAY}-orders.html", tree="published") is None

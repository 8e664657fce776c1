"""Cases of the demonstration against the hidden truth, with lines that a person can count."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from bigdata_emis.demo.truth.score_cases import score_cases
from bigdata_emis.demo.truth.truth import FOLDER, TruthFiles

LINES = (  # name, compliance, ordered cut, shut for the season
    ("obeys", "complies", 0.5, False),
    ("ignores", "ignores", 0.5, False),
    ("partly", "partly", 1.0, False),
    ("no-order", "ignores", 0.0, False),
    ("shut", "ignores", 0.5, True),
    ("dirty", "complies", 0.5, False),
)


def instant(hour: int) -> datetime:
    return datetime(2015, 12, 20, hour, tzinfo=UTC)


def case(line: str, scenario: str = "red", status: str = "open", probability: float | None = 0.9) -> dict[str, object]:
    return {
        "scenario_id": scenario,
        "source_id": line,
        "from_utc": instant(4),
        "to_utc": instant(8),
        "breach_probability_share": probability,
        "case_status_code": status,
    }


def table(*cases: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(cases) or [case("obeys")]).slice(0, len(cases))


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    files = TruthFiles(tmp_path / FOLDER)
    names = ["production_line_id", "compliance", "planned_cut_share", "is_idle"]
    files.write_frame("line", pd.DataFrame(LINES, columns=names))
    hours = pd.DataFrame({"production_line_id": ["dirty", "obeys"], "hour_utc": [instant(7), instant(8)]})
    files.write_frame("untreated_hour", hours)
    return tmp_path


def test_a_line_that_ignores_its_order_is_accused_rightly_and_one_that_obeys_wrongly(truth):
    scored = score_cases(truth, table(case("ignores"), case("obeys"), case("no-order"), case("shut")))
    assert scored == {"red": {"accused": 4, "rightly": 1, "wrongly": 3, "missed": 1}}


def test_treatment_that_was_off_within_the_case_makes_it_right_and_one_hour_later_does_not(truth):
    scored = score_cases(truth, table(case("dirty"), case("obeys")))
    assert scored["red"] == {"accused": 2, "rightly": 1, "wrongly": 1, "missed": 2}


def test_a_doubted_meter_accuses_nobody_and_cases_of_an_ended_order_do_not_count(truth):
    cases = table(case("partly", probability=None), case("ignores", scenario="old", status="superseded"))
    assert score_cases(truth, cases) == {"red": {"accused": 0, "rightly": 0, "wrongly": 0, "missed": 2}}


def test_without_a_case_nothing_is_scored(truth):
    assert score_cases(truth, table()) == {}

"""The outcome of a scenario from published inventories: what was achieved, who did not obey, cases."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.region import Region, load_region
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.case_record import move_case, read_cases
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.storage.scenario_record import scenario_transaction
from bigdata_emis.workflow.outcome import judge_outcome
from tests.control.outcome import outcome_frames as frames
from tests.control.outcome.outcome_frames import NORMAL_DAYS, SCENARIO
from tests.workflow.outcome_town import DAYS, REGION, build_town, known_utc, scenario_row, write

pytestmark = pytest.mark.usefixtures("home")


def judge(**more: Any) -> Any:
    region = build_town(**{key: more.pop(key) for key in ("status", "publish") if key in more})
    return judge_outcome(region, SCENARIO, **{"known_utc": known_utc(), **more})


def test_a_line_that_ignores_its_order_achieves_nothing_and_has_a_case():
    document = judge()
    assert document["line_hours"] == {"obeyed": 6, "breached": 18, "unknown": 0, "no_order": 0}
    nox = document["achieved"][0]
    assert (nox["pollutant"], nox["planned_kg"]) == ("NOx", pytest.approx(24 * 0.09))
    assert nox["achieved_kg"] == pytest.approx(0, abs=1e-9)
    case = read_cases(REGION)[0]
    assert (case["source_id"], case["breach_kind_code"], case["case_status_code"]) == ("a", "stop_not_obeyed", "open")
    assert case["excess_emission_g"] == pytest.approx(18 * 90, rel=0.01)


def test_a_second_judgement_gives_the_same_and_leaves_decisions():
    first = judge()
    name = read_cases(REGION)[0]["case_id"]
    move_case(REGION, name, to="checked", actor="Li", note="seen", known_utc=known_utc())
    region = build_town()
    second = judge_outcome(region, SCENARIO, known_utc=known_utc())
    assert {**second, "receipts": None} == {**first, "receipts": None}
    assert read_cases(REGION)[0]["case_status_code"] == "checked"


def test_only_hours_that_have_ended_are_judged():
    document = judge(known_utc=known_utc(10))
    assert sum(document["line_hours"].values()) == 10


def test_a_draft_ordered_nothing_and_is_judged_only_when_asked_for():
    with pytest.raises(RefusedError, match="is in force in no hour: it ordered nothing"):
        judge(status="draft")
    document = judge(status="draft", with_draft=True)
    assert document["is_draft"]
    assert document["line_hours"]["breached"] == 18
    assert read_cases(REGION) == []


def test_a_scenario_that_has_not_begun_is_refused():
    with pytest.raises(RefusedError, match="no hour of it has ended"):
        judge(known_utc=known_utc(0))


def test_an_inventory_that_nobody_published_is_not_judged():
    with pytest.raises(RefusedError, match="has a published inventory in nys"):
        judge(publish=False)
    assert read_cases(REGION) == []


def test_an_unknown_scenario_is_refused():
    with pytest.raises(InputError, match="scenario 'nothing' is unknown"):
        judge_outcome(build_town(), "nothing", known_utc=known_utc())


def test_the_runs_are_recorded():
    judge()
    stages = set(database.read("run", REGION)["stage_name"].to_pylist())
    assert {"expect_without_control", "judge_compliance", "achieve_cut"} <= stages


def test_an_order_whose_hours_another_one_took_is_named_as_such():
    region = build_town(publish=False)
    with scenario_transaction(REGION) as registry:
        row = scenario_row("superseded")
        start = row["from_utc"]
        taken = {"in_force_from_utc": start, "in_force_to_utc": start, "decided_by": "Li", "decided_utc": start}
        registry.save({**row, **taken})
    with pytest.raises(RefusedError, match="in no hour: it is superseded, and other orders or none hold in its hours"):
        judge_outcome(region, SCENARIO, known_utc=known_utc())


def take_over(at_h: int) -> Region:
    """Another order of the same stop takes over the town at an hour of the day of the first one."""
    region = load_region(REGION)
    first, row = NORMAL_DAYS * 24 + at_h, scenario_row("in_force")
    cut = frames.planned("a", lambda n: 90.0, first, scenario="second")
    write(ScenarioStore(open_lake(region), "second"), "control_hourly", cut, [DAYS[-1]])
    at = row["from_utc"] + timedelta(hours=at_h)
    with scenario_transaction(REGION) as registry:
        registry.save({**row, "status": "superseded", "in_force_to_utc": at})
        newer = {"scenario_id": "second", "name_en": "second", "from_utc": at, "in_force_from_utc": at}
        registry.save({**row, **newer})
    return region


def test_a_case_over_the_replacement_of_its_order_keeps_the_hours_before_and_the_next_has_those_after():
    judge()
    judge_outcome(take_over(12), "second", known_utc=known_utc())
    at = known_utc(12)
    before, after = sorted(read_cases(REGION), key=lambda case: case["from_utc"])
    assert (before["scenario_id"], before["to_utc"], before["case_status_code"]) == (SCENARIO, at, "open")
    assert json.loads(before["evidence_json"])["breach_hours"] == 6
    assert before["excess_emission_g"] == pytest.approx(6 * 90, rel=0.01)
    assert (after["scenario_id"], after["source_id"], after["case_status_code"]) == ("second", "a", "open")
    assert after["from_utc"] >= at
    again = judge_outcome(load_region(REGION), "second", known_utc=known_utc())
    assert again["cases"] == 1
    assert sorted(read_cases(REGION), key=lambda case: case["from_utc"]) == [before, after]


def test_what_somebody_said_of_a_case_over_the_replacement_stays_with_it():
    judge()
    name = read_cases(REGION)[0]["case_id"]
    move_case(REGION, name, to="checked", actor="Li", note="runs", known_utc=known_utc())
    judge_outcome(take_over(12), "second", known_utc=known_utc())
    (case,) = (one for one in read_cases(REGION) if one["case_id"] == name)
    assert (case["case_status_code"], case["note"], case["to_utc"]) == ("checked", "runs", known_utc(12))


def file_of(table: str, tree: str = "history") -> Path:
    (path,) = (Path(settings().lake) / tree / REGION / table / f"day={DAYS[-1]}").rglob("*.parquet")
    return path


def spoil(path: Path) -> None:
    """Change one byte in the middle, as a bad disk would."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.chmod(0o640)
    path.write_bytes(content)


@pytest.mark.parametrize("table", ["emission_hourly", "control_hourly", "control_measure"])
def test_a_damaged_file_of_the_inventory_or_the_scenario_is_refused_and_nothing_is_judged(table):
    region = build_town()
    store = ScenarioStore(open_lake(region), SCENARIO)
    write(store, "control_measure", [], [DAYS[-1]])
    spoil(file_of(table))
    with pytest.raises(ChangedFileError, match=f"{table}.*is not what was recorded"):
        judge_outcome(region, SCENARIO, known_utc=known_utc())
    assert read_cases(REGION) == []
    assert not (Path(settings().lake) / "current" / REGION / "achieved_cut").exists()


def test_a_damaged_file_at_the_stable_path_is_said_and_written_again(caplog):
    region = build_town()
    before = file_of("control_hourly", "current").read_bytes()
    spoil(file_of("control_hourly", "current"))
    judge_outcome(region, SCENARIO, known_utc=known_utc())
    assert "is not what was recorded; it is written again from its version" in caplog.text
    assert file_of("control_hourly", "current").read_bytes() == before

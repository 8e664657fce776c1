"""The sentences about moved emission, in both languages."""

from datetime import UTC, datetime
from typing import Any

from bigdata_emis.report.coverage.moved_notes import moved_notes

START, END = datetime(2015, 12, 21, tzinfo=UTC), datetime(2015, 12, 22, tzinfo=UTC)


def moved(kind: str, outcome: str, pollutant: str, kg: float) -> dict[str, Any]:
    codes = {"moved_kind_code": kind, "moved_outcome_code": outcome, "pollutant_code": pollutant}
    return {**codes, "moved_from_utc": START, "moved_to_utc": END, "moved_emission_g": 1000 * kg}


def hour(instant: datetime) -> str:
    return f"{instant:%d %H}"


def test_each_kind_and_outcome_is_one_sentence_and_what_is_not_made_up_is_marked() -> None:
    rows = [
        moved("rebound", "over_capacity", "SO2", 3.0),
        moved("rebound", "added", "SO2", 2.0),
        moved("rebound", "added", "NOx", 1250.0),
    ]
    added, over = moved_notes(rows, [], hour)
    assert added["en"] == "Assumed rebound, added in the region, 21 00 – 22 00: NOx 1,250.0 kg, SO2 2.0 kg."
    assert added["zh"].startswith("假定反弹，区域内转入，21 00 – 22 00：")
    assert (added["is_bad"], over["is_bad"]) == (False, True)
    assert "beyond the capacity" in over["en"]
    assert "超出产能" in over["zh"]


def test_the_net_share_is_said_where_targets_are_judged_by_it() -> None:
    ledger = [
        {"pollutant_code": "SO2", "net_cut_share": 0.2, "target_share": 0.3},
        {"pollutant_code": "CO2", "net_cut_share": 0.1, "target_share": None},
    ]
    (note,) = moved_notes([], ledger, hour)
    assert note["en"] == "Targets are judged by the cut less the detour: SO2 20.0%."
    assert "净削减比例" in note["zh"]
    assert moved_notes([], [{"pollutant_code": "SO2", "net_cut_share": None, "target_share": 0.3}], hour) == []

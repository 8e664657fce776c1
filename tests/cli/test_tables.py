"""What a person reads: aligned tables that never shorten a value, whatever the width of the terminal."""

from datetime import UTC, datetime

import pytest

from bigdata_emis.cli import tables

LEDGER = {
    "scenario": "orange-1",
    "from_utc": datetime(2015, 12, 20, tzinfo=UTC),
    "to_utc": datetime(2015, 12, 21, tzinfo=UTC),
    "seconds": 0.5,
    "complete_share": 0.94,
    "is_partial": True,
    "hours_present": 23,
    "hours_expected": 24,
    "mass_share_by_method": {"SO2": {"measured": 0.4, "modelled": 0.6}, "CO": {"profile": 1.0}},
    "feed_capture_share": {"power": 0.97},
    "is_draft_inventory": False,
    "days_without_inventory": [],
    "unpublished_days": [],
    "replaced_days": [],
    "ledger": [
        {
            "pollutant": "SO2",
            "baseline_kg": 535999.2,
            "cut_kg": 147669.0,
            "cut_p05_kg": 100000.0,
            "cut_p95_kg": 200000.0,
            "cut_share": 0.276,
            "target_share": 0.2,
            "met": True,
        },
        {"pollutant": "CO", "baseline_kg": 10.0, "cut_kg": 1.0, "cut_share": 0.1, "target_share": None, "met": None},
    ],
    "files": ["/lake/ledger.parquet"],
}


def test_numbers_are_aligned_to_the_right_and_text_to_the_left() -> None:
    assert tables.table_lines(["name", ">count"], [["a", "1"], ["longer", "1,234"]]) == [
        "name    count",
        "a           1",
        "longer  1,234",
    ]


def test_a_chinese_character_is_two_columns_wide() -> None:
    assert tables.table_lines(["name", ">n"], [["首钢", "1"], ["iron", "2"]]) == ["name  n", "首钢  1", "iron  2"]


def test_no_value_is_shortened_or_read_as_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    long = "[bold]" + "x" * 500 + " :smile: [/bold]"
    assert tables.table_lines(["what", "why"], [["a", long]]) == ["what  why", f"a     {long}"]


def test_pairs_are_aligned_and_instants_are_in_iso_8601() -> None:
    pairs = {"level": "red", "from_utc": datetime(2015, 12, 20, tzinfo=UTC)}
    assert tables.pair_lines(pairs) == ["level     red", "from_utc  2015-12-20T00:00:00+00:00"]


def test_a_ledger_shows_each_pollutant_its_target_and_whether_it_is_met() -> None:
    assert tables.ledger_lines(LEDGER) == [
        "orange-1  2015-12-20T00:00:00+00:00 to 2015-12-21T00:00:00+00:00  in 0.50 s",
        "pollutant  baseline kg   cut kg       90 % interval  share  target  met",
        "SO2            535,999  147,669  100,000 to 200,000  27.6%     20%  yes",
        "CO                  10        1                   -  10.0%       -  -",
        "PARTIAL: the inventory has 23 of 24 hours",
        "SO2 by method: measured 40%, modelled 60%",
        "capture rate of feeds: power 97%",
        "wrote /lake/ledger.parquet",
    ]


def test_what_is_missing_from_a_scenario_and_what_it_supersedes_are_named() -> None:
    superseded = {"scenario": "yellow-1", "level": "yellow", "until_utc": "T6", "uncovered_from_utc": "T9"}
    document = {
        **LEDGER,
        "ledger": [],
        "files": [],
        "hours_present": 24,
        "is_draft_inventory": True,
        "days_without_inventory": ["2015-12-22"],
        "unpublished_days": ["2015-12-21"],
        "replaced_days": ["2015-12-20"],
        "feed_capture_share": {},
        "supersedes": [{**superseded, "uncovered_to_utc": "T12"}],
    }
    assert tables.ledger_lines(document)[2:] == [
        "DRAFT INVENTORY: computed, not published; this scenario cannot be approved",
        "PARTIAL: the inventory has 24 of 24 hours, not every source in every hour",
        "PARTIAL: 2015-12-22 has no inventory",
        "PARTIAL: 2015-12-21 was computed and is not published",
        "2015-12-20 was computed again and that is not published; what was published is used",
        "approval supersedes yellow-1 (yellow) from T6; then no scenario is in force from T9 to T12",
    ]


def test_projected_hours_are_named_with_their_days_and_the_interval_of_the_base() -> None:
    record = {
        "from_utc": "T1",
        "to_utc": "T2",
        "hours": 48,
        "recent_days": ["2015-12-18", "2015-12-20"],
        "left_out_days": ["2015-12-19"],
        "unregistered_sources": ["closed"],
    }
    row = {**LEDGER["ledger"][0], "baseline_p05_kg": 400_000.0, "baseline_p95_kg": 600_000.0}
    lines = tables.ledger_lines({**LEDGER, "projection": record, "ledger": [row]})
    assert lines[3:7] == [
        "PROJECTED: 48 hours from T1 to T2, from 2 published days, 2015-12-18 to 2015-12-20",
        "not used, as a scenario was in force: 2015-12-19",
        "not projected, as no longer registered: 1 sources",
        "90 % interval of the base in kg: SO2 400,000 to 600,000",
    ]


def test_a_decision_names_the_person_the_files_and_an_earlier_decision() -> None:
    document = {
        "scenario": "red-1",
        "region": "nys",
        "status": "approved",
        "scenario_status": "in_force",
        "by": "wang",
        "decided_utc": "T1",
        "manifest": "/lake/red-1.json",
        "files": ["/lake/a.parquet"],
        "supersedes": [],
        "already": "already approved by wang at T1",
    }
    lines = tables.decision_lines(document)
    assert lines[2].split() == ["status", "approved"]
    assert lines[-2:] == ["wrote /lake/a.parquet", "already approved by wang at T1"]


def test_scenarios_are_listed_with_their_hours_in_force() -> None:
    scenario = {"scenario": "red-1", "level": "red", "from_utc": "T0", "to_utc": "T9", "status": "draft"}
    scenario |= {"in_force_from_utc": None, "in_force_to_utc": None, "decided_by": None}
    assert tables.scenario_lines([scenario])[1].split() == ["red-1", "red", "T0", "T9", "draft", "-", "-", "-"]
    assert tables.scenario_lines([]) == ["no scenario"]


def test_a_receipt_shows_quarantined_rows_by_reason_and_a_dash_without_a_balance() -> None:
    receipts = [
        {"stage": "clean_power", "rows_in": 1200, "rows_out": 1199, "balance": 0.0, "quarantined": {"negative": 1}},
        {"stage": "grid", "rows_in": 0, "rows_out": 4, "balance": 0.0, "quarantined": {}},
    ]
    assert tables.receipt_lines(receipts) == [
        "stage        rows in  rows out  balance  quarantined",
        "clean_power    1,200     1,199  0.0e+00  negative 1",
        "grid               0         4        -  -",
    ]


def test_published_versions_are_listed_and_none_is_no_line() -> None:
    version = {
        "day": "2015-12-21",
        "table": "emission_hourly",
        "rows": 315480,
        "version": "a8a4",
        "known_utc": datetime(2015, 12, 22, tzinfo=UTC),
        "scenario": None,
    }
    assert tables.published_lines({"versions": [version]})[1].split() == [
        "2015-12-21",
        "emission_hourly",
        "315,480",
        "a8a4",
        "2015-12-22T00:00:00+00:00",
    ]


def test_nothing_published_is_said_in_a_line() -> None:
    assert tables.published_lines({"versions": []}) == [
        "no published version: run `emis day`, or check --region and --as-of"
    ]


def test_scores_show_every_model_and_the_champion_of_each_mode() -> None:
    score = {"n": 3, "median_r2": 0.975, "share_r2_ge_075": 1.0, "median_abs_nmb": 0.01, "median_nmae": None}
    document = {"champion": "ramp", "models": {"ramp": score}, "modes": {"frozen": {"ramp": {**score, "n": 2}}}}
    lines = tables.score_lines(document)
    assert lines[1].split() == ["ramp", "3", "0.975", "100.0%", "1.00%", "-", "-"]
    assert lines[2].split()[:3] == ["ramp,", "frozen", "2"]
    assert lines[3].startswith("champion: ramp; ")


def test_scores_over_all_values_are_shown_where_a_task_has_them() -> None:
    score = {"n": 3, "median_r2": 0.9, "pooled_r2": 0.958, "pooled_mae": 2.5}
    lines = tables.score_lines({"champion": "ramp", "models": {"ramp": score, "plain": {"n": 1}}})
    assert lines[0].endswith("R2 of all  MAE of all")
    assert lines[1].split()[-2:] == ["0.958", "2.50"]
    assert lines[2].split()[-2:] == ["-", "-"]


@pytest.mark.parametrize(("value", "shown"), [(None, "-"), (0.5, "50%"), (0.0, "0%")])
def test_a_missing_number_is_a_dash(value: float | None, shown: str) -> None:
    assert tables.format_number(value, ".0%") == shown


def test_the_demonstration_says_which_region_is_simulated() -> None:
    document = {
        "nys": {"summary": "69 units", "receipts": []},
        "receipts": [],
        "alert": {"level": "red", "reason": "AQI above 300"},
        "recalc": LEDGER,
        "score": {"mobile": {"NOx": {"nmb": -0.02, "r2": 0.9, "coverage_90": 0.88}}},
        "tiers": {"cement": {"metered": {"lines": 2, "nmb": None, "r2": 0.9, "mae_share": 0.1, "coverage_90": None}}},
        "districts": {"cell_hours": 24, "largest_relative_difference": 1e-12, "contradicted_share": 0.1},
        "results": {"page": "/var/day.html"},
        "seconds": 61.7,
        "engine": "sail",
    }
    lines = tables.demo_lines(document)
    assert "Alert called by the forecast (simulated region): red - AQI above 300" in lines
    assert [line.split() for line in lines if line.startswith("mobile")] == [
        ["mobile", "NOx", "-2.0%", "0.900", "88.0%"]
    ]
    assert [line.split() for line in lines if line.startswith("cement")] == [
        ["cement", "metered", "2", "-", "0.900", "10.0%", "0.0%"]
    ]
    assert any(line.endswith("largest relative difference 1.0e-12, contradicted 10.0%") for line in lines)
    assert lines[-1] == "62 s on sail. The region jjj is simulated (模拟数据), nys is measured."


def test_measures_without_effect_and_ungraded_sources_are_listed() -> None:
    listed = [{"measure": f"m{n}", "why": "no_source"} for n in range(14)] + [{"measure": "bus", "why": "no_vehicle"}]
    ungraded = {"sources": 3, "emission_kg": {"NOx": 1234.5}, "cut_kg": {}}
    document = {**LEDGER, "without_effect": listed, "ungraded_counted_as_d": ungraded, "minor_road_fleet": "secondary"}
    lines = tables.ledger_lines(document)
    assert "WITHOUT EFFECT (no_source): " + ", ".join(f"m{n}" for n in range(12)) + " and 2 more" in lines
    assert "WITHOUT EFFECT (no_vehicle): bus" in lines
    assert "UNGRADED: 3 sources are counted as grade D, with NOx 1,234 kg" in lines
    assert "roads without a link: fleet of secondary roads at the reference speed" in lines

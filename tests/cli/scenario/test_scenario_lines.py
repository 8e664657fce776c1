"""What a person reads of a scenario: masses, targets, what is missing, and what becomes of others."""

from datetime import UTC, datetime

from bigdata_emis.cli.scenario.scenario_lines import decision_lines, ledger_lines, scenario_lines

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


def test_a_ledger_shows_each_pollutant_its_target_and_whether_it_is_met() -> None:
    assert ledger_lines(LEDGER) == [
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
    assert ledger_lines(document)[2:] == [
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
    lines = ledger_lines({**LEDGER, "projection": record, "ledger": [row]})
    assert lines[3:7] == [
        "PROJECTED: 48 hours from T1 to T2, from 2 published days, 2015-12-18 to 2015-12-20",
        "not used, as a scenario was in force: 2015-12-19",
        "not projected, as no longer registered: 1 sources",
        "90 % interval of the base in kg: SO2 400,000 to 600,000",
    ]
    called = {**record, "called_days": {"2015-12-20": "red"}}
    lines = ledger_lines({**LEDGER, "projection": called, "ledger": [row]})
    assert lines[4].startswith(
        "BASE: a level was called on 2015-12-20 (red) of these days and no order is stored: what "
    )


def test_one_published_day_is_one_day() -> None:
    record = {"from_utc": "T1", "to_utc": "T2", "hours": 24, "recent_days": ["2015-12-14"]}
    record |= {"left_out_days": [], "unregistered_sources": []}
    row = {**LEDGER["ledger"][0], "baseline_p05_kg": None, "baseline_p95_kg": None}
    lines = ledger_lines({**LEDGER, "projection": record, "ledger": [row]})
    assert "PROJECTED: 24 hours from T1 to T2, from 1 published day, 2015-12-14" in lines


def test_targets_of_the_level_called_are_printed_where_they_are_not_those_of_the_table() -> None:
    def called(share: float, is_met: bool) -> list[str]:
        row = {**LEDGER["ledger"][0], "called_level": "red", "called_target_share": share, "called_target_met": is_met}
        lines = ledger_lines({**LEDGER, "ledger": [row]})
        return [line for line in lines if line.startswith("targets of the level called")]

    assert called(0.2, True) == []
    assert called(0.3, False) == ["targets of the level called (red): SO2 30% NO"]


def test_measures_without_effect_and_ungraded_sources_are_listed() -> None:
    listed = [{"measure": f"m{n}", "why": "no_source"} for n in range(14)] + [{"measure": "bus", "why": "no_vehicle"}]
    ungraded = {"sources": 3, "emission_kg": {"NOx": 1234.5}, "cut_kg": {}}
    document = {**LEDGER, "without_effect": listed, "ungraded_counted_as_d": ungraded, "minor_road_fleet": "secondary"}
    lines = ledger_lines(document)
    no_source = "WITHOUT EFFECT 无效措施: no source of the region has what it selects 无对应排放源: "
    assert no_source + ", ".join(f"m{n}" for n in range(12)) + " and 2 more (all: without_effect of --json)" in lines
    no_vehicle = "WITHOUT EFFECT 无效措施: the fleet has no such vehicle or no road factors 无对应车辆: bus"
    assert no_vehicle in lines
    assert "UNGRADED: 3 sources are counted as grade D, with NOx 1,234 kg" in lines
    assert "roads without a link: fleet of secondary roads at the reference speed" in lines


def test_what_was_taken_from_another_scenario_is_named() -> None:
    reused = [{"day": "2015-12-20", "scenario": "orange-0", "pieces": 8, "reused": 5}]
    assert "2015-12-20: 5 of 8 parts are those of orange-0, unchanged" in ledger_lines({**LEDGER, "reused": reused})


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
        "warnings": [{"en": "base: reconstructed", "zh": "清单反推"}],
        "next": [{"en": "judge it", "zh": "请评估"}],
    }
    lines = decision_lines(document)
    assert lines[2].split() == ["decision", "审批", "approved", "已批准"]
    assert lines[5].split() == ["decided", "时间", "T1"]
    assert "NEXT 下一步: 请评估\n  judge it" in lines
    assert "WARNING 注意: 清单反推\n  base: reconstructed" in lines
    assert not any("_utc" in line or "in_force" in line for line in lines)
    assert [lines[-4], lines[-1]] == ["wrote /lake/a.parquet", "already approved by wang at T1"]


def test_scenarios_are_listed_with_their_hours_in_force() -> None:
    scenario = {"scenario": "red-1", "level": "red", "from_utc": "T0", "to_utc": "T9", "status": "draft"}
    scenario |= {"in_force_from_utc": None, "in_force_to_utc": None, "decided_by": None}
    assert scenario_lines([scenario])[1].split() == ["red-1", "red", "T0", "T9", "draft", "-", "-", "-"]
    assert scenario_lines([]) == ["no scenario"]


def test_each_order_of_an_event_that_changes_has_its_own_ledger_once() -> None:
    row = {"pollutant": "SO2", "baseline_kg": 10.0, "cut_kg": 3.0, "cut_share": 0.3, "target_share": 0.2, "met": True}
    order = {"order": 2, "level": "red", "measures": "red.csv", "from_utc": "T6", "to_utc": "T9", "ledger": [row]}
    lines = ledger_lines({**LEDGER, "orders": [order]})
    at = lines.index("order 2: red, list red.csv, T6 to T9")
    assert lines[at + 2].split() == ["SO2", "10", "3", "30.0%", "20%", "yes"]
    assert sum(line.startswith("order 2") for line in lines) == 1


def test_an_order_that_counts_as_obeyed_names_the_command_that_judges_it() -> None:
    """An emission without control that the outcome gives needs no more judging."""

    def base_lines(source: str) -> list[str]:
        rows = [{**row, "base_source": source} for row in LEDGER["ledger"]]
        document = {**LEDGER, "ledger": rows, "parameters": {"in_force": ["red-1"]}}
        return [line for line in ledger_lines(document) if line.startswith(("BASE", "orders count"))]

    assert base_lines("reconstructed") == [
        "BASE: inventory over what the order in force left, taken as obeyed: its outcome is not judged",
        "orders count as obeyed where their outcome is not judged: emis outcome --scenario red-1",
    ]
    assert base_lines("counterfactual") == ["BASE: emission without control from the outcome of the order in force"]


def test_a_level_that_was_called_without_a_stored_order_is_said() -> None:
    """The inventory of these hours may contain what was ordered all the same."""

    def warned(level: str | None, source: str = "inventory") -> bool:
        rows = [{**row, "base_source": source, "called_level": level} for row in LEDGER["ledger"]]
        return any("no order is stored" in line for line in ledger_lines({**LEDGER, "ledger": rows}))

    assert warned("red")
    assert not warned(None)
    assert not warned("none")
    assert not warned("red", "counterfactual")


def test_moved_emission_is_named_with_what_becomes_of_it_and_the_net_share() -> None:
    hours = {"from_utc": "2015-12-21T00:00", "to_utc": "2015-12-22T00:00"}
    moved = [
        {"kind": "rebound", "outcome": "over_capacity", "pollutant": "NOx", "moved_kg": 36.0, **hours},
        {"kind": "rebound", "outcome": "over_capacity", "pollutant": "SO2", "moved_kg": 1.25, **hours},
    ]
    first = {**LEDGER["ledger"][0], "net_cut_share": 0.25}
    lines = ledger_lines({**LEDGER, "ledger": [first, LEDGER["ledger"][1]], "moved": moved})
    assert (
        "REBOUND 反弹, not made up: beyond the capacity 未补产：超出产能, 2015-12-21T00:00 to 2015-12-22T00:00: "
        "NOx 36.0 kg, SO2 1.2 kg"
    ) in lines
    assert "NET SHARE 净削减比例 (less the detour; targets are judged by it): SO2 25.0%" in lines


def test_a_target_that_nobody_can_judge_is_not_known_and_the_command_that_judges_is_named() -> None:
    row = {"pollutant": "SO2", "baseline_kg": 10.0, "cut_kg": 3.0, "cut_share": 0.3, "target_share": 0.2, "met": None}
    row |= {
        "base_source": "reconstructed",
        "called_level": "red",
        "called_target_share": 0.3,
        "called_target_met": None,
    }
    lines = ledger_lines({**LEDGER, "ledger": [row], "parameters": {"in_force": ["O1"]}})
    assert lines[2].endswith("not known 无法判定")
    assert any(line.startswith("TARGETS NOT KNOWN (SO2)") and "emis outcome --scenario O1" in line for line in lines)
    assert "targets of the level called (red): SO2 30% not known 无法判定" in lines

"""What a person has to do after the approval of a scenario, in both languages: judge it, and issue its alert.

Belongs here: sentences. Does not: the decision (scenario_decision), what is in force (hours_in_force).
"""

from collections.abc import Sequence
from typing import TypedDict

from bigdata_emis import schema
from bigdata_emis.codes import AlertEvent, BaseSource
from bigdata_emis.publish.scenarios.hours_in_force import Row, Supersession, window_in_force
from bigdata_emis.publish.scenarios.scenario_rows import scenario_parameters
from bigdata_emis.schema.target_words import unknown_target_words, unknown_targets
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.registries.alert_record import StandingAlert
from bigdata_emis.window import Window


class ApprovalStep(TypedDict):
    """A sentence in both languages."""

    en: str
    zh: str


def steps_after_approval(
    region_id: str, row: Row, superseded: Sequence[Supersession], alerts: Sequence[StandingAlert], *, ended_cases: int
) -> list[ApprovalStep]:
    """What the approval of a scenario leaves to be done; nothing of one that is in force in no hour.

    alerts: every alert of the region. ended_cases: open cases that the approval closed, because their order ended.
    """
    held = window_in_force(row)
    if held is None:
        return []
    own = [
        alert
        for alert in alerts
        if alert.kind == AlertEvent.ISSUE
        and alert.from_utc < held.to_utc
        and (alert.to_utc is None or alert.to_utc > held.from_utc)
    ]
    steps = _alert_step(region_id, row, own)
    return [*steps, *(_outcome_step(region_id, row, superseded, ended_cases) if superseded else [])]


def warnings_of_base(lake: Store, row: Row) -> list[ApprovalStep]:
    """What the base of an approved scenario is if not the inventory, and that nobody can judge some targets."""
    first = Window(row["from_utc"], row["to_utc"]).days(lake.time_zone)[0]
    ledger, orders = (
        [one for one in lake.read(table, [first]).to_pylist() if one["scenario_id"] == row["scenario_id"]]
        for table in ("control_ledger", "control_order")
    )
    sources = sorted({one["base_source_code"] for one in ledger} - {None, BaseSource.INVENTORY})
    titles = [schema.codes()["base_source"][code] for code in sources]
    warnings: list[ApprovalStep] = [{"en": f"base: {t.title_en}", "zh": f"基准排放：{t.title_zh}"} for t in titles]
    texts = unknown_target_words(unknown_targets([*ledger, *orders]), scenario_parameters(row).get("in_force", []))
    return [*warnings, {"en": texts[0], "zh": texts[1]}] if texts else warnings


def _alert_step(region_id: str, row: Row, alerts: Sequence[StandingAlert]) -> list[ApprovalStep]:
    level, levels = row["alert_level_code"], {alert.level for alert in alerts}
    command = f"emis alert issue --region {region_id} --scenario {row['scenario_id']}"
    titles = schema.codes()["alert_level"]
    if not alerts:
        return [{"en": f"No alert is issued for its hours: {command}", "zh": f"其时段尚未发布预警：{command}"}]
    if levels == {level}:
        return []
    called = sorted(levels)
    english, chinese = (", ".join(getattr(titles[one], name) for one in called) for name in ("title_en", "title_zh"))
    return [
        {
            "en": f"The alert of its hours is {english}, these orders are {titles[level].title_en}: {command}",
            "zh": f"其时段已发布{chinese}，本指令为{titles[level].title_zh}：{command}",
        }
    ]


def _outcome_step(region_id: str, row: Row, superseded: Sequence[Supersession], ended_cases: int) -> list[ApprovalStep]:
    name = row["scenario_id"]
    before = ", ".join(one.row["scenario_id"] for one in superseded)
    command = f"emis outcome --region {region_id} --scenario {name}"
    return [
        {
            "en": f"{ended_cases} open cases of {before} are closed as superseded and stay in emis compliance list; "
            f"the dispatch list has no case of {name} until its outcome is judged: {command}",
            "zh": f"{before} 的{ended_cases}件未核查案件已按“指令被替代”关闭，仍可在 emis compliance list 查看；"
            f"{name} 在评估之前没有派单：{command}",
        }
    ]

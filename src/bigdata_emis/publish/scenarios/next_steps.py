"""What a person has to do after the approval of a scenario, in both languages: judge it, and issue its alert.

Belongs here: sentences. Does not: the decision (scenario_decision), what is in force (hours_in_force).
"""

from collections.abc import Sequence
from typing import TypedDict

from bigdata_emis import schema
from bigdata_emis.codes import AlertEvent
from bigdata_emis.publish.scenarios.hours_in_force import Row, Supersession, window_in_force
from bigdata_emis.storage.registries.alert_record import StandingAlert


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

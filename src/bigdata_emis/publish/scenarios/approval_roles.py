"""Who may approve, and up to which level: the people in EMIS_APPROVERS.

Belongs here: reading the setting, and the refusal. Does not: what a decision changes (scenario_decision), who is asked
(airflow.approval).

The setting is a list such as `li:orange, wang`: li signs for yellow and orange, wang for every level. Plans give the
signature by level to different people: a deputy mayor for yellow and orange, the mayor for red (Taiyuan plan of 2019).
"""

import os

from bigdata_emis import schema
from bigdata_emis.codes import AlertLevel
from bigdata_emis.errors import InputError, shorten

SETTING = "EMIS_APPROVERS"
MARK = ":"


def approver_levels() -> dict[str, str]:
    """The highest level of each person who may approve; empty without the setting.

    Raises InputError when the setting names nobody, or an unknown level.
    """
    setting = os.environ.get(SETTING)
    if not setting:
        return {}
    levels = {}
    for entry in setting.split(","):
        name, mark, level = (part.strip() for part in entry.partition(MARK))
        if mark and level not in set(AlertLevel) - {AlertLevel.NONE}:
            raise InputError(f"{SETTING}: level '{shorten(level)}' of {shorten(name)} is unknown", "write name:orange")
        if name:
            levels[name] = level or AlertLevel.RED.value
    if not levels:
        raise InputError(f"{SETTING} '{shorten(setting)}' names nobody", "set it to users, separated by commas")
    return levels


def require_approver(person: str, level: str | None) -> None:
    """Refuse a person who may not approve a level; without the setting anybody may whose name is recorded.

    Raises InputError with who may.
    """
    highest = approver_levels()
    if not highest:
        return
    order = list(schema.codes()["alert_level"])
    rank = order.index(level) if level in order else 0
    able = [name for name, limit in highest.items() if order.index(limit) >= rank]
    if person not in able:
        who = ", ".join(able) or "nobody"
        reason = f"signs up to {highest[person]}" if person in highest else f"is not in {SETTING}"
        raise InputError(
            f"{shorten(person)} may not decide on an alert of level {level}: this person {reason}",
            f"for this level may sign: {shorten(who)}",
        )

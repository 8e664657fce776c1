"""The versions of the alert rules in words: their year, with the city whose plan they are.

Belongs here: names. Does not: the rules (table alert_rule).
"""

PLAN_AREAS = {"beijing": ("Beijing", "北京"), "chengdu": ("Chengdu", "成都"), "shanghai": ("Shanghai", "上海")}
"""The cities whose own plans are versions of the rules."""


def rule_title(version: str) -> tuple[str, str]:
    """A version in English and in Chinese; one of an own reference table as it is written there."""
    area, _, year = version.rpartition("-")
    if not area:
        return f"national rules of {version}", f"国家{version}年版规则"
    english, chinese = PLAN_AREAS.get(area, (area, area))
    return f"{english} rules of {year}", f"{chinese}{year}年版规则"

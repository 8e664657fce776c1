"""What a brief and its orders say before any number: simulated, partial, feeds with gaps; and why something is missing.

Belongs here: sentences. Does not: the tables (brief_sheet, order_sheet).
"""

from bigdata_emis.report.brief.alert_agreement import disagreement_words
from bigdata_emis.report.brief.brief_data import BriefData
from bigdata_emis.report.coverage.feed_gaps import gap_words
from bigdata_emis.report.coverage.inventory_coverage import coverage_notices
from bigdata_emis.report.sheet.report_sheet import Words, simulated_notices, words

NO_OUTCOME = words("Not judged yet: run emis outcome.", "尚未评估：请运行 emis outcome。")
NO_ORDER_OF_ALERT = words(
    "An alert is in force without an order: no scenario is in force on this day, so there is nothing to judge.",
    "预警生效但无管控指令：当日无生效情景，无需评估落实情况。",
)
NO_SCENARIO = words("No scenario is in force on this day.", "当日无生效情景。")
NO_LINES = words("The scenario in force orders nothing of lines.", "生效情景对生产线无指令。")
NO_INVENTORY = words(
    "A scenario is in force, but these hours have no inventory: cuts and orders are unknown. Compute the day first.",
    "情景生效，但相应时段无排放清单：减排量与指令未知。请先计算当日清单。",
)


PROJECTED = words(
    "PROJECTED: these hours have no inventory yet. Cuts and orders rest on recent days, as the scenario does.",
    "预测时段：尚无排放清单。减排量与指令依据近期排放推算，与情景一致。",
)


def brief_notices(brief: BriefData) -> list[Words]:
    """The sentences above a brief, what limits its numbers most first."""
    targeted = [row["pollutant_code"] for row in brief.ledger if row["target_share"] is not None]
    ordered = [row["pollutant_code"] for row in brief.level_orders if row["target_share"] is not None]
    shown = dict.fromkeys([*targeted, *ordered]) or dict.fromkeys(sorted(brief.coverage.mass_share_by_method))
    gaps = [gap_words(gap) for gap in brief.feed_gaps]
    return [
        *simulated_notices(brief.region),
        *disagreement_words(
            brief.alerts,
            brief.scenario,
            brief.level_orders,
            day=brief.coverage.window,
            held=brief.hours_in_force,
            time_zone=brief.region.time_zone,
        ),
        *coverage_notices(brief.coverage, brief.region.time_zone, shown=shown),
        *([PROJECTED] if brief.is_projected else []),
        *brief.ledger_notices,
        *([_gaps(gaps)] if gaps else []),
        *brief.doubts,
    ]


def _gaps(gaps: list[Words]) -> Words:
    english, chinese = "; ".join(gap["en"] for gap in gaps), "；".join(gap["zh"] for gap in gaps)
    return words(f"FEEDS WITH GAPS: {english}.", f"数据源缺测：{chinese}。")

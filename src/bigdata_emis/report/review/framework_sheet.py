"""The control framework summary (调控框架总结) as a sheet in both languages.

Belongs here: wording. Does not: the sums over alerts (control_framework).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bigdata_emis.region import Region
from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.names.measure_names import measure_words
from bigdata_emis.report.review.control_framework import FrameworkRow
from bigdata_emis.report.sheet.report_sheet import (
    ReportSheet,
    Words,
    code_words,
    mass_words,
    section,
    share_words,
    simulated_notices,
    words,
    written_words,
)

COLUMNS = (
    words("cause", "成因"),
    words("level", "级别"),
    words("sector", "源类别"),
    words("measure", "措施"),
    words("pollutant", "污染物"),
    words("alerts", "次数"),
    words("planned kg", "计划 kg"),
    words("share of region", "占全社会"),
    words("judged", "已评估"),
    words("planned kg judged", "已评估计划 kg"),
    words("achieved kg", "实际 kg"),
    words("of plan", "执行率"),
)
WIDTHS = (3, 0, 4, 6, 0, 0, 0, 0, 0, 0, 0, 0)


def framework_sheet(
    region: Region,
    rows: Sequence[FrameworkRow],
    changes: Sequence[Words],
    *,
    alert_count: int,
    known_utc: datetime,
    names: Mapping[str, Words],
) -> ReportSheet:
    """The summary over all reviewed alerts. changes: which rules to change; names: of measures."""
    none = [words("Nothing in the reviewed alerts calls for a change.", "已评估预警未提示需修改规则。")]
    return {
        "title": words("Control framework summary", "调控框架总结"),
        "subtitle": words(f"{region.name_en} · {alert_count} reviewed", f"{region.name_zh} · 已评估{alert_count}次"),
        "notices": simulated_notices(region),
        "sections": [
            section(words("Rules to change", "规则修改建议"), notes=changes or none),
            section(
                words("Cause × level × measure × effect", "成因 × 级别 × 措施 × 成效"),
                columns=COLUMNS,
                rows=[_cells(row, names) for row in rows],
                widths=WIDTHS,
            ),
        ],
        "footer": written_words(known_utc, region.time_zone),
    }


def _cells(row: FrameworkRow, names: Mapping[str, Words]) -> list[Words]:
    return [
        code_words("cause", row["cause"]),
        code_words("alert_level", row["level"]),
        code_words("sector", row["sector"]),
        measure_words(names, row["measure"]),
        pollutant_words(row["pollutant"]),
        words(str(row["alerts"])),
        mass_words(row["planned_g"]),
        share_words(row["cut_share"]),
        words(str(row["judged_alerts"])),
        mass_words(row["judged_planned_g"] if row["judged_alerts"] else None),
        mass_words(row["achieved_g"]),
        share_words(row["execution_share"]),
    ]

"""The waterfall of a scenario and the plants that would close a gap, as lines for a person.

Belongs here: lines of text. Does not: the documents (control/results/waterfall, control/results/gap_ranking).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bigdata_emis.cli.tables import format_number, table_lines

if TYPE_CHECKING:
    from bigdata_emis.control.results.gap_ranking import GapDocument, GapRow
    from bigdata_emis.control.results.waterfall import WaterfallDocument, WaterfallRow
    from bigdata_emis.report.sheet.report_sheet import Words

NOT_RANKED = {
    "traffic": "traffic 交通",
    "area": "areas 面源",
    "guaranteed_supply": "guaranteed supply 保障供应",
    "exempt": "exempt 豁免",
    "least_load_or_ramp": "least load or ramp 最低负荷或爬坡",
}


HOW_TO_READ = (
    "",
    "adds: after the measures before it in this order; applies: the cut of what it applies to when all are in force, "
    "in no order, as on the page of the day. Both add up to the cut.",
    "新增：按本顺序在前序措施之后的增量；适用：全部措施生效时其适用源的减排量，与顺序无关，与当日报告一致。两者合计均等于总减排量。",
)
BELOW_ZERO = (
    "A step below zero: the measure exempts sources, or as the more specific one replaces a broader one that cut "
    "more of them. Of detour and rebound: emission that comes back elsewhere or later.",
    "负值：该措施为豁免，或更具体的措施替代了减排更多的宽泛措施；绕行与反弹的负值为转移到别处或之后的排放。",
)


def waterfall_lines(document: "WaterfallDocument", names: Mapping[str, "Words"]) -> list[str]:
    """For each pollutant a table of the steps that change its cut, and how many do not; names: of measures."""
    title = f"{document['scenario']}  {document['level']}  {document['from_utc']} to {document['to_utc']}"
    if not document["cut_kg"]:
        return [title, "the scenario cuts nothing 无减排"]
    lines = [f"{title}  in order of {document['order']}"]
    for pollutant, cut_kg in document["cut_kg"].items():
        shown = (row for row in document["rows"] if row["added_kg"] or row["own_kg"])
        rows = [row for row in shown if row["pollutant"] == pollutant]
        titles = [
            "step",
            "measure 措施",
            ">adds kg 新增",
            ">of base",
            ">of cut",
            ">cumulative kg 累计",
            ">applies kg 适用",
        ]
        lines += [
            "",
            f"{pollutant}: {cut_kg:,.1f} kg",
            *table_lines(titles, (_waterfall_cells(row, names) for row in rows)),
        ]
        idle = len(document["without_effect"].get(pollutant, []))
        if idle:
            words_zh = f"全部生效时{idle}项措施无减排"
            lines.append(f"{idle} measures cut nothing when all are in force {words_zh} (--json names them)")
    is_below_zero = any(row["added_kg"] < 0 for row in document["rows"])
    return [*lines, *HOW_TO_READ, *(BELOW_ZERO if is_below_zero else ())]


def _waterfall_cells(row: "WaterfallRow", names: Mapping[str, "Words"]) -> list[str]:
    name = names.get(row["measure"])
    measure = f"{name['zh']} {row['measure']}" if name else row["measure"]
    more = f" × {row['measure_count']}" if row["measure_count"] > 1 else ""
    return [
        str(row["step"]),
        measure + more,
        f"{row['added_kg']:+,.1f}",
        f"{row['added_share']:.2%}",
        format_number(row["share_of_cut"], ".1%"),
        f"{row['cumulative_kg']:,.1f}",
        f"{row['own_kg']:,.1f}",
    ]


def gap_lines(document: "GapDocument", names: Mapping[str, "Words"], counties: Mapping[str, "Words"]) -> list[str]:
    """The verdict, the ranked plants, and the emission that is left elsewhere; names: of sources."""
    lines = [
        f"{document['scenario']}  {document['pollutant']}: cut {document['cut_share']:.2%} of "
        f"{document['baseline_kg']:,.1f} kg, target {document['target_share']:.2%}",
        *_gap_of_orders(document),
        _verdict(document),
        *(_reach_lines(document) if document["gap_kg"] else []),
    ]
    if document["rows"]:
        titles = [
            "rank",
            "source 源",
            "industry",
            "grade",
            "county",
            ">left kg 剩余",
            ">more kg 可再减",
            ">cumulative kg 累计",
        ]
        cells = [
            [
                str(r["rank"]),
                _named(names, r["source"]),
                _industry(r),
                r["grade"] or "-",
                _county(counties, r["county"]),
            ]
            + [f"{kg:,.1f}" for kg in (r["left_kg"], r["more_kg"], r["cumulative_kg"])]
            for r in document["rows"]
        ]
        lines += table_lines(titles, cells)
    left = [f"{NOT_RANKED[reason]} {kg:,.1f}" for reason, kg in document["not_ranked_kg"].items() if kg > 0]
    return [*lines, f"left and not ranked, kg 未列入: {'; '.join(left)}"] if left else lines


def _gap_of_orders(document: "GapDocument") -> list[str]:
    """The target and the gap in the hours of each order of an event that changes."""
    rows = [
        [
            f"{order['order']} {order['level']}",
            order["from_utc"],
            order["to_utc"],
            format_number(order["cut_kg"] / order["baseline_kg"] if order["baseline_kg"] else None, ".2%"),
            format_number(order["target_share"], ".2%"),
            f"{order['gap_kg']:,.1f}",
            f"{order['missing_kg']:,.1f}",
        ]
        for order in document["orders"]
    ]
    titles = [
        "order 指令",
        "from 起",
        "to 止",
        ">cut 减排",
        ">target 目标",
        ">gap kg 缺口",
        ">cannot be closed kg 无法弥补",
    ]
    return table_lines(titles, rows) if rows else []


def _verdict(document: "GapDocument") -> str:
    if document["gap_kg"] == 0:
        return "the target is reached: no gap 已达标"
    gap = f"gap 缺口 {document['gap_kg']:,.1f} kg"
    if document["is_closed"]:
        return f"{gap}: closed by {len(document['rows'])} of {document['candidates']} candidates 可弥补"
    possible, missing = f"{document['possible_kg']:,.1f} kg", f"{document['missing_kg']:,.1f} kg"
    return (
        f"{gap}: CANNOT BE CLOSED 无法弥补: all {document['candidates']} candidates give {possible}, "
        f"{missing} are missing"
    )


def _reach_lines(document: "GapDocument") -> list[str]:
    """What can be reached at most, by the two rules that are asked about."""
    least, graded = f"{document['reachable_share']:.2%}", f"{document['reachable_in_grades_share']:.2%}"
    return [
        f"reachable: {least} with every candidate down to its least load, whatever its grade; {graded} within the "
        "steps of grades and the list, as emis optimise orders (areas and vehicles as ordered here)",
        f"最大可达：各候选源降至最低负荷（不论绩效等级）为{least}；按绩效等级与清单为{graded}"
        "（与 emis optimise 同一规则；面源与车辆按本方案）",
    ]


def _industry(row: "GapRow") -> str:
    """The industry of a source in Chinese; its sector where it has none."""
    from bigdata_emis.schema import codes  # imported late: its libraries take a quarter of a second to load

    code_list, code = ("industry", row["industry"]) if row["industry"] else ("sector", row["sector"])
    title = codes()[code_list].get(code)
    return title.title_zh if title else code


def _county(counties: Mapping[str, "Words"], county_id: str) -> str:
    """The name of a county in Chinese; its code where the outlines do not name it."""
    name = counties.get(county_id)
    return name["zh"] if name else county_id or "-"


def _named(names: Mapping[str, "Words"], source: str) -> str:
    """A source with its name, where it has one of its own."""
    name = names.get(source)
    return f"{name['zh']} {source}" if name and name["zh"] != source else source

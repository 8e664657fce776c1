"""`emis inventory drivers`: what drove annual emission, and the energy mix beside air quality, from tables of a user.

Belongs here: arguments and lines. Does not: the analysis (relate/annual).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, answer
from bigdata_emis.cli.tables import format_number, table_lines

TITLES = {
    "activity": "activity 活动",
    "energy": "energy 能源总量",
    "structure": "structure 产业结构",
    "intensity": "intensity 能耗强度",
    "energy_mix": "energy mix 能源结构",
    "emission_factor": "factor 排放因子",
}
ALL = "all 全部"


def drivers(
    data: Annotated[
        Path, typer.Option("--data", help="folder with energy.csv, emission.csv and, if known, activity.csv, air.csv")
    ],
    json_: JsonOption = False,
) -> None:
    """What drove annual emission by sector and fuel (LMDI), and the energy mix beside air quality, from your tables."""
    from bigdata_emis.relate.annual.annual_drivers import decompose_years, sum_years
    from bigdata_emis.relate.annual.annual_tables import read_annual_tables
    from bigdata_emis.relate.annual.energy_mix import associate_mix

    tables = read_annual_tables(data)
    sums = sum_years(tables)
    document = {
        "years": list(sums.years),
        "incomplete_years": list(sums.incomplete_years),
        "changes": decompose_years(sums),
        "associations": associate_mix(tables),
    }
    answer(document, json_, lambda: driver_lines(document))


def driver_lines(document: Mapping[str, Any]) -> list[str]:
    """A table of the changes with their terms, one of the factors of the ratio, and one of associations."""
    skipped = document["incomplete_years"]
    lines = [f"years with missing months, left out 缺月份的年份: {', '.join(skipped)}"] if skipped else []
    if not document["changes"]:
        lines.append("fewer than two whole years: nothing to decompose 不足两个完整年份")
    for change in document["changes"]:
        lines += _change_lines(change)
    if document["associations"]:
        lines += _association_lines(document["associations"])
    return lines


def _change_lines(change: Mapping[str, Any]) -> list[str]:
    """Terms by sector and fuel in t, and the ratio with its factors."""
    names = list(change["terms_t"])
    parts = [
        (ALL, change["terms_t"]),
        *((f"sector 行业 {name}", terms) for name, terms in change["by_sector"].items()),
        *((f"fuel 燃料 {name}", terms) for name, terms in change["by_fuel"].items()),
    ]
    rows = [
        [title, format_number(sum(terms.values()), "+,.1f"), *(format_number(terms[name], "+,.1f") for name in names)]
        for title, terms in parts
    ]
    factors = change["ratio_factors"]
    rows.append(
        [
            "ratio 比值",
            format_number(change["ratio"], ".3f"),
            *(format_number(None if factors is None else factors[name], ".3f") for name in names),
        ]
    )
    head = (
        f"{change['pollutant']} {change['from']} to {change['to']}: {change['from_t']:,.1f} to {change['to_t']:,.1f} t"
    )
    return [head, *table_lines(["part 部分", ">change t 变化", *(f">{TITLES[name]}" for name in names)], rows)]


def _association_lines(associations: list[Mapping[str, Any]]) -> list[str]:
    """Rank correlations; an association is no proof of a cause."""
    rows = [
        [
            row["fuel"],
            row["indicator"],
            row["target"],
            row["form"],
            format_number(row["strength"], "+.2f"),
            format_number(row["p_value"], ".3f"),
            format_number(row["q_value"], ".3f"),
            str(row["n"]),
            row["why_not"] or "",
        ]
        for row in associations
    ]
    titles = ["fuel 燃料", "indicator 指标", "air 空气", "of", ">rank correlation 秩相关", ">p", ">q", ">n", ""]
    return ["energy mix and air: no proof of a cause 能源结构与空气质量：相关不等于因果", *table_lines(titles, rows)]

"""The waterfall of a scenario on the page of a day: what each measure cuts, from the emission without measures down.

Belongs here: the bars, from table control_account, in which every source counts under the measure that applies to it,
so that the bars add up to the cut. Does not: what a measure adds in an order of measures (control/results/waterfall).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypedDict

from bigdata_emis.codes import MovedKind, MovedOutcome
from bigdata_emis.report.names.measure_names import measure_words
from bigdata_emis.report.sheet.report_sheet import Words, code_words
from bigdata_emis.schema.mass_units import G_PER_KG

SHOWN_BARS = 14


class WaterfallBar(TypedDict):
    """What a measure cuts, and what is left when it and those before it are applied."""

    en: str
    zh: str
    cut_kg: float
    left_kg: float


class PollutantWaterfall(TypedDict):
    """The bars of a pollutant, the largest cut first; others: measures with a smaller cut, in one bar.

    moved: what a detour and a rebound add after the measures, a negative cut.
    """

    baseline_kg: float
    cut_kg: float
    bars: list[WaterfallBar]
    others: int
    others_kg: float
    moved: list[WaterfallBar]
    idle: int


def scenario_waterfall(
    account: Iterable[Mapping[str, Any]],
    ledger: Iterable[Mapping[str, Any]],
    names: Mapping[str, Words],
    moved: Iterable[Mapping[str, Any]] = (),
) -> dict[str, PollutantWaterfall]:
    """The waterfall of each pollutant of which something is cut, and what a detour or rebound adds after that.

    account: rows of control_account; ledger: rows of control_ledger; names: of all measures of the scenario;
    moved: rows of control_moved.
    """
    cuts: dict[str, dict[str, float]] = {}
    added = [row for row in moved if row["moved_outcome_code"] == MovedOutcome.ADDED]
    for row in account:
        if row["measure_id"]:
            of_pollutant = cuts.setdefault(row["pollutant_code"], {})
            of_pollutant[row["measure_id"]] = of_pollutant.get(row["measure_id"], 0.0) + row["cut_emission_g"]
    return {
        row["pollutant_code"]: _waterfall(
            row,
            cuts.get(row["pollutant_code"], {}),
            names,
            [one for one in added if one["pollutant_code"] == row["pollutant_code"]],
        )
        for row in ledger
        if row["cut_emission_g"] > 0
    }


def _waterfall(
    row: Mapping[str, Any], cuts: Mapping[str, float], names: Mapping[str, Words], added: Iterable[Mapping[str, Any]]
) -> PollutantWaterfall:
    ordered = sorted(((cut, name) for name, cut in cuts.items() if cut > 0), key=lambda one: (-one[0], one[1]))
    left_g, bars = row["baseline_emission_g"], list[WaterfallBar]()
    for cut_g, measure_id in ordered[:SHOWN_BARS]:
        left_g -= cut_g
        name = measure_words(names, measure_id)
        bars.append({"en": name["en"], "zh": name["zh"], "cut_kg": cut_g / G_PER_KG, "left_kg": left_g / G_PER_KG})
    return {
        "baseline_kg": row["baseline_emission_g"] / G_PER_KG,
        "cut_kg": row["cut_emission_g"] / G_PER_KG,
        "bars": bars,
        "others": len(ordered[SHOWN_BARS:]),
        "others_kg": sum(cut for cut, _ in ordered[SHOWN_BARS:]) / G_PER_KG,
        "moved": list(_moved_bars(added, row["baseline_emission_g"] - row["cut_emission_g"])),
        "idle": len(set(names) - {name for _, name in ordered}),
    }


def _moved_bars(added: Iterable[Mapping[str, Any]], left_g: float) -> Iterator[WaterfallBar]:
    """A detour, which is in the hours of the scenario, and then a rebound, which is after them."""
    grams = {row["moved_kind_code"]: row["moved_emission_g"] for row in added}
    for kind in (MovedKind.DETOUR, MovedKind.REBOUND):
        if kind in grams:
            left_g += grams[kind]
            name = code_words("moved_kind", kind)
            yield {"en": name["en"], "zh": name["zh"], "cut_kg": -grams[kind] / G_PER_KG, "left_kg": left_g / G_PER_KG}

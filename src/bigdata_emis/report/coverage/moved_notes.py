"""What a scenario moves, in words for its ledger: rebound and detour, and by which share targets are judged.

Belongs here: sentences. Does not: the masses (control/moved), the bars (scenario_waterfall).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bigdata_emis.codes import MovedOutcome
from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.sheet.report_sheet import Words, code_words, words
from bigdata_emis.schema.mass_units import G_PER_KG

SAID_WELL = (MovedOutcome.ADDED, MovedOutcome.OUTSIDE)


def moved_notes(
    moved: Sequence[Mapping[str, Any]], ledger: Sequence[Mapping[str, Any]], local: Callable[[datetime], str]
) -> list[dict[str, Any]]:
    """A sentence for each kind and outcome with the mass by pollutant; that of the net share, where there is one.

    moved: rows of control_moved; ledger: rows of control_ledger; local: an instant in the time of the region.
    """
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in sorted(moved, key=lambda row: row["pollutant_code"]):
        groups.setdefault((row["moved_kind_code"], row["moved_outcome_code"]), []).append(row)
    notes = [_note(kind, outcome, rows, local) for (kind, outcome), rows in sorted(groups.items())]
    return [*notes, *({**sentence, "is_bad": True} for sentence in net_share_words(ledger))]


def net_share_words(ledger: Sequence[Mapping[str, Any]]) -> list[Words]:
    """The sentence of the share by which targets are judged, where a detour adds emission to the region."""
    judged = [row for row in ledger if row.get("net_cut_share") is not None and row["target_share"] is not None]
    if not judged:
        return []
    signs = [pollutant_words(row["pollutant_code"]) for row in judged]
    english, chinese = (
        ", ".join(f"{sign[language]} {row['net_cut_share']:.1%}" for sign, row in zip(signs, judged, strict=True))
        for language in ("en", "zh")
    )
    return [
        words(
            f"Targets are judged by the cut less the detour: {english}.",
            f"目标按扣除绕行后的净削减比例评价：{chinese}。",
        )
    ]


def _note(
    kind: str, outcome: str, rows: Sequence[Mapping[str, Any]], local: Callable[[datetime], str]
) -> dict[str, Any]:
    what, where = code_words("moved_kind", kind), code_words("moved_outcome", outcome)
    hours = f"{local(rows[0]['moved_from_utc'])} – {local(rows[0]['moved_to_utc'])}"
    english, chinese = (
        ", ".join(
            f"{pollutant_words(row['pollutant_code'])[language]} {row['moved_emission_g'] / G_PER_KG:,.1f} kg"
            for row in rows
        )
        for language in ("en", "zh")
    )
    return {
        "en": f"Assumed {what['en']}, {where['en']}, {hours}: {english}.",
        "zh": f"假定{what['zh']}，{where['zh']}，{hours}：{chinese}。",
        "is_bad": outcome not in SAID_WELL,
    }

"""The table of measures of a review: planned and achieved cut, and where the achieved one cannot be determined.

Belongs here: wording of that table. Does not: which cuts can be determined (measure_effects), the rest (review_sheet).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bigdata_emis.codes import EffectBasis
from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.names.measure_names import measure_words
from bigdata_emis.report.review.measure_effects import is_execution_known
from bigdata_emis.report.review.review_data import ReviewData
from bigdata_emis.report.sheet.report_sheet import (
    UNKNOWN,
    SheetSection,
    Words,
    code_words,
    mass_words,
    section,
    share_words,
    words,
)

NOT_DETERMINED = (EffectBasis.BELOW_ERROR, EffectBasis.BEYOND_REACH)
WIDTHS = (3, 2, 0, 0, 0, 0, 0, 3)
UNDETERMINED = words("cannot be determined", "无法判定")
BASE_OF_OUTCOME = words(
    "Planned cut and share of the region are of the hours judged, with the emission without control of the outcome as "
    "the base; in rows without an outcome they are as approved.",
    "计划减排与占全社会比例均为评估时段，基准为效果评估给出的无管控排放；无评估结果的行为批准时的数值。",
)
CANNOT_BE_DETERMINED = words(
    "Where the planned cut of a sector is smaller than the error of its achieved cut, or the sector changed by more "
    "than its measures reach, no achieved cut of its measures is given: the reason is in the last column.",
    "源类别的计划减排量小于实际减排核算误差，或其变化超出措施所及排放量时，不给出分措施实际减排，原因见末列。",
)


def measure_section(review: ReviewData) -> SheetSection:
    """A row for each measure, sector and pollutant with a target, the largest planned cut first."""
    columns = [
        words("measure", "措施"),
        words("sector", "源类别"),
        words("pollutant", "污染物"),
        *_mass_columns(review),
        words("of plan", "执行率"),
        words("rests on", "依据"),
    ]
    aimed_at = {row["pollutant_code"] for row in (*review.totals, *review.orders) if row["target_share"] is not None}
    shown = [row for row in review.effects.to_pylist() if not aimed_at or row["pollutant_code"] in aimed_at]
    effects = sorted(shown, key=lambda row: (row["pollutant_code"], -row["cut_emission_g"], row["measure_id"]))
    rows = [
        [
            measure_words(review.measure_names, row["measure_id"]),
            code_words("sector", row["sector_code"]),
            pollutant_words(row["pollutant_code"]),
            mass_words(row["cut_emission_g"]),
            share_words(row["cut_share"]),
            *_achieved_words(row),
            code_words("effect_basis", row["effect_basis_code"]),
        ]
        for row in effects
    ]
    notes = _measure_notes(effects, is_whole=len(effects) == review.effects.num_rows)
    return section(words("Measures", "分措施成效"), columns=columns, rows=rows, notes=notes, widths=WIDTHS)


def _are_hours_fewer(review: ReviewData) -> bool:
    """Whether the outcome is of fewer hours than the plan, so that their cuts are not comparable."""
    planned, judged = review.planned_window, review.judged
    return planned is not None and judged is not None and (judged.window, judged.hours) != (planned, planned.hours)


def _mass_columns(review: ReviewData) -> list[Words]:
    """Planned cut, its share and the achieved cut; with their hours where these are fewer than those of the plan."""
    share = words("share of region", "占全社会")
    if review.judged is None or not _are_hours_fewer(review):
        return [words("planned kg", "计划 kg"), share, words("achieved kg", "实际 kg")]
    hours = review.judged.hours
    return [
        words(f"planned kg in the {hours} h judged", f"评估{hours}小时计划 kg"),
        share,
        words(f"achieved kg in the {hours} h", f"评估{hours}小时实际 kg"),
    ]


def _measure_notes(effects: Sequence[dict[str, Any]], *, is_whole: bool) -> list[Words]:
    is_judged = any(row["effect_basis_code"] != EffectBasis.NO_OUTCOME for row in effects)
    notes = [BASE_OF_OUTCOME] if is_judged else []
    if not is_whole:
        notes.append(
            words(
                "Pollutants with a target; the others are in framework/control_framework.parquet.",
                "仅列有目标的污染物，其余见 framework/control_framework.parquet。",
            )
        )
    if any(row["effect_basis_code"] in NOT_DETERMINED for row in effects):
        notes.append(CANNOT_BE_DETERMINED)
    if any(row["effect_basis_code"] == EffectBasis.SHARED for row in effects):
        notes.append(
            words(
                "Achieved cuts are known by sector; measures of one sector share them by planned cut.",
                "实际减排按源类别评估；同一源类别的措施按计划减排量分摊。",
            )
        )
    return notes


def execution_words(achieved: Mapping[str, Any] | None) -> Words:
    """Achieved ÷ planned of a row of achieved_cut; that it cannot be determined where any share would do."""
    if achieved is None or not achieved["cut_emission_g"]:
        return words(UNKNOWN)
    return share_words(achieved["execution_share"]) if is_execution_known(achieved) else UNDETERMINED


def _achieved_words(row: Mapping[str, Any]) -> list[Words]:
    """Achieved cut of a measure and its share of the plan."""
    if row["effect_basis_code"] in NOT_DETERMINED:
        return [words(UNKNOWN), UNDETERMINED]
    return [mass_words(row["achieved_emission_g"]), share_words(row["execution_share"])]

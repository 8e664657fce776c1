"""The share that the measures of a level cut of each source, and of each vehicle class and stage.

Belongs here: which measure applies, and how several combine. Does not: hours or emissions (cut_hours, road_cuts).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.control.scenario.measures import Measure, levels_up_to
from bigdata_emis.equations.control import applied_cut_share, combined_cut_share

TRAITS = ("industry_code", "grade_code", "sector_code")
SPECIFICITY_WEIGHTS = (8, 4, 2, 1)
"""Of line, industry, grade and sector: a line outweighs all others, an industry outweighs grade and sector together."""


@dataclass(frozen=True)
class MeasureCuts:
    """The measures up to a level, as shares cut of sources and vehicles."""

    measures: Sequence[Measure]
    level: str

    def source_shares(self, control_source: pa.Table) -> Floats:
        """The share cut of each source; 0 for road links, whose share changes with the hour.

        At each level up to the given one the most specific measure applies (line, then industry with grade, industry,
        sector with grade, grade, sector; of equals the larger cut), and the largest share of the levels is used, so
        that a higher level never cuts less than a lower one.
        """
        by_level = [
            [m for m in self.measures if m.alert_level_code == level and not m.is_for_vehicles_only]
            for level in levels_up_to(self.level)
        ]
        listed_lines = {m.production_line_id for measures in by_level for m in measures if m.production_line_id}
        positions = np.flatnonzero(pc.is_null(control_source["road_class_code"]).to_numpy())
        sources = control_source.take(pa.array(positions))
        kinds, kind_of_source = _distinct_traits(sources)
        shares = np.zeros(control_source.num_rows)
        kind_shares = np.array([_largest_share(by_level, ("", *kind)) for kind in kinds])
        shares[positions] = kind_shares[kind_of_source]
        is_listed = pc.is_in(sources["source_id"], pa.array(sorted(listed_lines), pa.string())).to_numpy()
        for row in np.flatnonzero(is_listed):
            traits = (sources["source_id"][row].as_py(), *kinds[kind_of_source[row]])
            shares[positions[row]] = _largest_share(by_level, traits)
        return shares

    def vehicle_share(self, vehicle_class_code: str, emission_stage_code: str) -> float:
        """The banned share of a vehicle class and stage: 1 − Π (1 − cut) over its measures.

        A measure that several levels list counts once, with its largest cut.
        """
        stages = list(schema.codes()["emission_stage"])
        by_measure: dict[str, float] = {}
        for measure in self._road_measures():
            is_newer = stages.index(emission_stage_code) > stages.index(measure.stage_threshold_code or stages[-1])
            if measure.vehicle_class_code in ("", vehicle_class_code) and not is_newer:
                cut = applied_cut_share(measure.affected_share, measure.cut_share)
                by_measure[measure.measure_id] = max(cut, by_measure.get(measure.measure_id, 0.0))
        combined = 0.0
        for measure_id in sorted(by_measure):
            combined = combined_cut_share(combined, by_measure[measure_id])
        return combined

    def _road_measures(self) -> list[Measure]:
        levels = levels_up_to(self.level)
        return [m for m in self.measures if m.is_for_roads and m.alert_level_code in levels]


def _distinct_traits(sources: pa.Table) -> tuple[list[tuple[str, ...]], Positions]:
    """The distinct combinations of industry, grade and sector, and the number of that of each source."""
    columns = [pc.fill_null(sources[name], "").combine_chunks().dictionary_encode() for name in TRAITS]
    numbers = np.zeros(sources.num_rows, dtype=np.int64)
    for column in columns:
        numbers = numbers * len(column.dictionary) + column.indices.to_numpy()
    _, first, kind_of_source = np.unique(numbers, return_index=True, return_inverse=True)
    kinds = list(zip(*(column.take(pa.array(first)).to_pylist() for column in columns), strict=True))
    return kinds, kind_of_source


def _largest_share(by_level: Sequence[Sequence[Measure]], traits: tuple[str, ...]) -> float:
    return max(_most_specific_share(measures, traits) for measures in by_level)


def _most_specific_share(measures: Sequence[Measure], traits: tuple[str, ...]) -> float:
    """The cut of the most specific measure for a source with these traits: line, industry, grade and sector."""
    best = (-1, 0.0)
    for measure in measures:
        selectors = (measure.production_line_id, measure.industry_code, measure.grade_code, measure.sector_code)
        if all(selector in ("", trait) for selector, trait in zip(selectors, traits, strict=True)):
            specificity = sum(weight for weight, used in zip(SPECIFICITY_WEIGHTS, selectors, strict=True) if used)
            best = max(best, (specificity, applied_cut_share(measure.affected_share, measure.cut_share)))
    return best[1]

"""What the measures of a level cut: one share for a source, one share for a vehicle class and stage.

Belongs here: which measure wins, and how several combine. Does not: hours or emissions (hours.py, roads.py).
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

# A line outweighs everything, an industry outweighs grade and sector together, a grade outweighs a sector.
TRAITS = ("industry_code", "grade_code", "sector_code")
WEIGHTS = (8, 4, 2, 1)


@dataclass(frozen=True)
class Cuts:
    """The measures of a level, asked once for each kind of source."""

    measures: Sequence[Measure]
    level: str

    def of_sources(self, control_source: pa.Table) -> Floats:
        """The share cut of each source that is not a road link; 0 for links, whose share changes with the hour.

        At each level up to the one given the most specific measure wins (line, then industry with grade, industry, sector
        with grade, grade, sector; of equals the larger cut), and the largest of the levels' shares holds, so that a higher
        level never cuts less than a lower one.
        """
        rungs = [
            [m for m in self.measures if m.alert_level_code == rung and not m.is_for_vehicles_alone]
            for rung in levels_up_to(self.level)
        ]
        named = {m.production_line_id for rung in rungs for m in rung if m.production_line_id}
        places = np.flatnonzero(pc.is_null(control_source["road_class_code"]).to_numpy())
        others = control_source.take(pa.array(places))
        kinds, kind_of_source = _kinds(others)
        shares = np.zeros(control_source.num_rows)
        shares[places] = np.array([self._of_source(rungs, ("", *kind)) for kind in kinds])[kind_of_source]
        for place in np.flatnonzero(pc.is_in(others["source_id"], pa.array(sorted(named), pa.string())).to_numpy()):
            shares[places[place]] = self._of_source(
                rungs, (others["source_id"][place].as_py(), *kinds[kind_of_source[place]])
            )
        return shares

    def of_vehicles(self, vehicle_class_code: str, emission_stage_code: str) -> float:
        """The share of a class and stage kept off the road: 1 - product of (1 - cut) over the measures that meet it.

        A measure that several levels name counts once, with its largest cut.
        """
        stages = list(schema.codes()["emission_stage"])
        by_measure: dict[str, float] = {}
        for measure in self._of_roads():
            is_young = stages.index(emission_stage_code) > stages.index(measure.stage_threshold_code or stages[-1])
            if measure.vehicle_class_code in ("", vehicle_class_code) and not is_young:
                cut = applied_cut_share(measure.affected_share, measure.cut_share)
                by_measure[measure.measure_id] = max(cut, by_measure.get(measure.measure_id, 0.0))
        together = 0.0
        for measure_id in sorted(by_measure):
            together = combined_cut_share(together, by_measure[measure_id])
        return together

    def _of_roads(self) -> list[Measure]:
        levels = levels_up_to(self.level)
        return [m for m in self.measures if m.is_for_roads and m.alert_level_code in levels]

    def _of_source(self, rungs: Sequence[Sequence[Measure]], traits: tuple[str, ...]) -> float:
        return max(_winning_share(rung, traits) for rung in rungs)


def _kinds(sources: pa.Table) -> tuple[list[tuple[str, ...]], Positions]:
    """The combinations of industry, grade and sector there are, and which of them each source is: many sources, a few kinds."""
    coded = [pc.fill_null(sources[name], "").combine_chunks().dictionary_encode() for name in TRAITS]
    numbers = np.zeros(sources.num_rows, dtype=np.int64)
    for column in coded:
        numbers = numbers * len(column.dictionary) + column.indices.to_numpy()
    _, first, kind_of_source = np.unique(numbers, return_index=True, return_inverse=True)
    kinds = list(zip(*(column.take(pa.array(first)).to_pylist() for column in coded), strict=True))
    return kinds, kind_of_source


def _winning_share(rung: Sequence[Measure], traits: tuple[str, ...]) -> float:
    source_id, industry, grade, sector = traits
    best = (-1, 0.0)
    for measure in rung:
        if (
            measure.industry_code in ("", industry)
            and measure.grade_code in ("", grade)
            and measure.sector_code in ("", sector)
            and measure.production_line_id in ("", source_id)
        ):
            wanted = (measure.production_line_id, measure.industry_code, measure.grade_code, measure.sector_code)
            specificity = sum(weight for weight, want in zip(WEIGHTS, wanted, strict=True) if want)
            best = max(best, (specificity, applied_cut_share(measure.affected_share, measure.cut_share)))
    return best[1]

"""Which stored model estimates which line: its own, else that of its industry, else none.

Belongs here: the choice, from the names of models alone. Does not: the content of a model (predict_lines), the prior
of a line without one (estimate_activity).
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.activity_model.stored.champion import (
    BLEND,
    CORRECTIONS,
    INDUSTRY_SOURCE,
    SOURCE_KEY,
    select_model_texts,
    select_models_in_use,
)
from bigdata_emis.activity_model.stored.parameters import parse_json_object

LINE = "production_line_id"
CHOSEN = pa.schema(
    [
        *((name, pa.string()) for name in (LINE, "enterprise_id", "activity_unit_code", *SOURCE_KEY)),
        *((name, pa.float64()) for name in CORRECTIONS),
        *zip(BLEND, (pa.string(), pa.float64(), pa.int64()), strict=True),
    ]
)
Row = dict[str, Any]


@dataclass(frozen=True)
class ModelChoice:
    """The lines, the models in use by source, and the activity unit of industry models.

    The unit is None where a model names none. The choice is made here and not in the engine, which would read the
    texts of all models once for each question.
    """

    lines: list[Row]
    in_use: dict[str, Row]
    unit_of_industry: dict[str, str | None]

    @classmethod
    def load(
        cls, production_line: DataFrame, model_version: DataFrame, model_watch: DataFrame, known_utc: datetime
    ) -> "ModelChoice":
        """The lines of the registry with the models in use at a time."""
        columns = (LINE, "enterprise_id", "activity_unit_code", "industry_code")
        lines = production_line.select(*columns).toArrow().to_pylist()
        in_use = select_models_in_use(model_version, model_watch, known_utc).toArrow().to_pylist()
        by_source = {row["source_id"]: row for row in in_use}
        of_industries = model_version.where(F.col("source_id").startswith(INDUSTRY_SOURCE))
        parameters = {
            (row["source_id"], row["model_version_id"]): parse_json_object(row["parameters_json"])
            for row in select_model_texts(of_industries).toArrow().to_pylist()
        }
        units = {
            source: _activity_unit(parameters.get((source, row["model_version_id"])))
            for source, row in by_source.items()
            if source.startswith(INDUSTRY_SOURCE)
        }
        return cls(lines, by_source, units)

    def choose_models(self, unreadable: Set[tuple[str, str]]) -> pa.Table:
        """One row for each line with a model, except the unreadable pairs of line and source.

        A pair names the source and not the version, because two sources may use the same version name. An industry
        model applies when its unit is that of the line. An industry model that names no unit is chosen too, so that
        reading it reports the fault.
        """
        chosen = []
        for line in self.lines:
            industry = f"{INDUSTRY_SOURCE}{line['industry_code']}"
            has_unit = self.unit_of_industry.get(industry) in (None, line["activity_unit_code"])
            candidates = [self.in_use.get(line[LINE]), self.in_use.get(industry) if has_unit else None]
            readable = (m for m in candidates if m is not None and (line[LINE], m["source_id"]) not in unreadable)
            model = next(readable, None)
            if model is not None:
                chosen.append({**line, **model})
        return pa.Table.from_pylist(chosen, CHOSEN)


def _activity_unit(parameters: Row | None) -> str | None:
    unit = parameters.get("activity_unit_code") if parameters else None
    return unit if isinstance(unit, str) and unit else None

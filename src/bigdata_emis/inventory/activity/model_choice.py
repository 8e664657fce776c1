"""Which model estimates which line: its own, else that of its industry, else none.

Belongs here: the choice, from names alone. Does not: reading what a model says (line_estimate), or what a line without one goes by (activity).
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.activity_model.stored.champion import (
    CORRECTIONS,
    INDUSTRY_SOURCE,
    SOURCE,
    model_texts,
    versions_in_use,
)
from bigdata_emis.activity_model.stored.parameters import object_of

LINE = "production_line_id"
CHOSEN = pa.schema(
    [
        *((name, pa.string()) for name in (LINE, "enterprise_id", "activity_unit_code", *SOURCE)),
        *((name, pa.float64()) for name in CORRECTIONS),
    ]
)
Row = dict[str, Any]


@dataclass(frozen=True)
class ModelChoice:
    """The lines, the models in use by source, and in which unit the models of industries count: None where their text does not say.

    Decided here and not in the engine, which would read the texts of all models, most of what it is given, once for each question.
    """

    lines: list[Row]
    in_use: dict[str, Row]
    unit_of_industry: dict[str, str | None]

    @classmethod
    def of(
        cls, production_line: DataFrame, model_version: DataFrame, model_watch: DataFrame, known_utc: datetime
    ) -> "ModelChoice":
        """As of a time, from the registry and the watch over its models."""
        lines = (
            production_line.select(LINE, "enterprise_id", "activity_unit_code", "industry_code").toArrow().to_pylist()
        )
        in_use = versions_in_use(model_version, model_watch, known_utc).toArrow().to_pylist()
        texts = model_texts(model_version.where(F.col("source_id").startswith(INDUSTRY_SOURCE))).toArrow().to_pylist()
        told = {(row["source_id"], row["model_version_id"]): object_of(row["parameters_json"]) for row in texts}
        by_source = {row["source_id"]: row for row in in_use}
        industries = [source for source in by_source if source.startswith(INDUSTRY_SOURCE)]
        known = {source: told.get((source, by_source[source]["model_version_id"])) for source in industries}
        return cls(lines, by_source, {source: _unit(of) for source, of in known.items()})

    def without(self, unreadable: Set[tuple[str, str]]) -> pa.Table:
        """One row a line that has a model, leaving out for a line the sources whose models were unreadable to it: pairs of line and source.

        Versions alone tell nothing, since two sources may give one name. The model of an industry counts in the unit of the line; one
        whose text names no unit is chosen all the same, so that it is found out.
        """
        found = []
        for line in self.lines:
            source = f"{INDUSTRY_SOURCE}{line['industry_code']}"
            fits = self.unit_of_industry.get(source) in (None, line["activity_unit_code"])
            models = [self.in_use.get(line[LINE]), self.in_use.get(source) if fits else None]
            model = next(
                (of for of in models if of is not None and (line[LINE], of["source_id"]) not in unreadable), None
            )
            if model is not None:
                found.append({**line, **model})
        return pa.Table.from_pylist(found, CHOSEN)


def _unit(told: Row | None) -> str | None:
    unit = told.get("activity_unit_code") if told else None
    return unit if isinstance(unit, str) and unit else None

"""What the activity of each production line was estimated with: its own model, that of its industry, or the registry.

Belongs here: the rows of activity_method of a day. Does not: the estimate (inventory), the models (activity_model).
"""

from typing import NamedTuple

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.codes import ActivityBasis
from bigdata_emis.schema.arrow import conform

PRIOR_VERSION = "prior"
"""The model_version_id of an hour without a trained model (inventory/estimate_activity)."""
INDUSTRY_SOURCE = "industry:"
"""How the source_id of an industry's model begins (activity_model/stored/champion, which would import an engine)."""
KEY = ["source_id", "method_code", "model_version_id"]


def activity_method(activity_hourly: pa.Table, model_version: pa.Table) -> pa.Table:
    """One row for each line, method and model of a day, with the number of hours.

    The basis is empty where the registry has no such model any more.
    """
    hours = activity_hourly.select(KEY).group_by(KEY, use_threads=False).aggregate([([], "count_all")])
    models = _Models.read(model_version)
    described = [models.describe(row["source_id"], row["model_version_id"]) for row in hours.to_pylist()]
    frame = hours.rename_columns({"count_all": "hour_count"})
    for number, name in enumerate(("activity_basis_code", "form_code")):
        frame = frame.append_column(name, pa.array([pair[number] for pair in described], pa.string()))
    declared = schema.table("published_activity_method")
    return conform(frame.select(declared.names), declared)


class _Models(NamedTuple):
    """The form of each model: of lines by source and version, of industries by version."""

    of_lines: dict[tuple[str, str], str | None]
    of_industries: dict[str, str | None]

    @classmethod
    def read(cls, model_version: pa.Table) -> "_Models":
        models = cls({}, {})
        for row in model_version.select(["source_id", "model_version_id", "form_code"]).to_pylist():
            if row["source_id"].startswith(INDUSTRY_SOURCE):
                models.of_industries[row["model_version_id"]] = row["form_code"]
            else:
                models.of_lines[row["source_id"], row["model_version_id"]] = row["form_code"]
        return models

    def describe(self, source_id: str, version: str) -> tuple[str | None, str | None]:
        """The basis of an estimate and the form of its model."""
        if version == PRIOR_VERSION:
            return ActivityBasis.REGISTERED_INTENSITY.value, None
        if (source_id, version) in self.of_lines:
            return ActivityBasis.OWN_MODEL.value, self.of_lines[source_id, version]
        if version in self.of_industries:
            return ActivityBasis.INDUSTRY_MODEL.value, self.of_industries[version]
        return None, None

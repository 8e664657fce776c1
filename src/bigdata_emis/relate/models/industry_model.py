"""Pooled models as rows of the registry: one for each industry, one for each line that has shown little of its own.

Belongs here: which pooled model replaces which. Does not: the pooling (proxy.pooled), joins (activity_model).
"""

from datetime import datetime
from typing import Any

import numpy as np

from bigdata_emis.activity_model.forms.pooled_industry import INDUSTRY_PREFIX, LineRatio, pooled_models
from bigdata_emis.activity_model.stored.parameters import why_unreadable
from bigdata_emis.relate.models.lifecycle import CHAMPION, Row, model_row, retired, withdrawn

Shown = tuple[dict[str, Any], datetime | None]


def industry_rows(shown: list[Shown], standing: list[Row], with_own_model: set[str], known_utc: datetime) -> list[Row]:
    """New champions of industries, and of lines without a model of their own; what stood for them before is retired.

    There is no contest: a plant never seen has no truth to hold one on, and a model that knows more plants knows more.
    A model that says the same as the one that stands, and one learnt from fewer plants' hours, changes nothing; one that stands but
    cannot be read is withdrawn, even when no other takes its place.
    """
    ratios = [LineRatio(**{**fields, "relative_by_rank": tuple(fields["relative_by_rank"])}) for fields, _ in shown]
    last = max((moment for _, moment in shown if moment), default=known_utc)
    before = {row["source_id"]: row for row in standing}
    rows: list[Row] = []
    renewed: set[str] = set()
    for made in pooled_models(ratios) if ratios else []:
        source_id = made["source_id"]
        if source_id in with_own_model:
            continue
        new = model_row(
            source_id,
            made["parameters"],
            status=CHAMPION,
            card=_card(made, ratios),
            taught=(last, last),
            known_utc=known_utc,
        )
        renewed.add(source_id)
        old = before.get(source_id)
        is_broken = old is not None and bool(why_unreadable(old["parameters_json"]))
        if old is None or is_broken or old["model_version_id"] != new["model_version_id"]:
            out_of_use = withdrawn if is_broken else retired
            rows += [{**new, "from_utc": None}, *([out_of_use(old, known_utc)] if old else [])]
    # What nothing was learnt for this time goes too when it cannot be read: its lines go by their prior.
    lost = [
        row for source_id, row in before.items() if source_id not in renewed and why_unreadable(row["parameters_json"])
    ]
    return rows + [withdrawn(row, known_utc) for row in lost]


def _card(made: dict[str, Any], ratios: list[LineRatio]) -> dict[str, Any]:
    """How many lines taught it, and how far apart plants of the class lie."""
    parameters = made["parameters"]
    codes = {
        made["source_id"].removeprefix(INDUSTRY_PREFIX),
        *(r.industry_code for r in ratios if r.source_id == made["source_id"]),
    }
    return {
        "form": made["form_code"],
        "hours": made["sample_count"],
        "lines": made["line_count"],
        "class_lines": sum(r.industry_code in codes for r in ratios),
        "factor_between_plants": float(np.exp(parameters["class_spread"])),
        "why": "no truth, or too little, for a form of its own",
    }

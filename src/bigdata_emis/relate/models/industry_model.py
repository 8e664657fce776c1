"""Pooled models of industries, and of lines with too little truth, as registry rows.

Belongs here: which pooled model replaces which.
Does not: the pooling (activity_model/forms/pooled_industry), joins (train_activity).
"""

from datetime import datetime
from typing import Any

import numpy as np

from bigdata_emis.activity_model.forms.pooled_industry import INDUSTRY_PREFIX, LineRatio, fit_pooled_models
from bigdata_emis.activity_model.stored.parameters import unreadable_reason
from bigdata_emis.codes import ModelStatus
from bigdata_emis.relate.models.lifecycle import Row, model_row, retire, withdraw

RatioFields = tuple[dict[str, Any], datetime | None]
"""The fields of a LineRatio, and the last hour of truth that it comes from."""


def industry_rows(
    ratio_fields: list[RatioFields], champions: list[Row], with_own_model: set[str], known_utc: datetime
) -> list[Row]:
    """New champions of industries and of lines without own model, and the retired ones.

    `champions` are the pooled champions so far. There is no challenger test: a plant that was never measured has no
    truth for one, and a model fitted on more plants is better informed. A model with the same parameters as its
    champion changes nothing; a champion that cannot be read is withdrawn, even when no other model replaces it.
    """
    ratios = [LineRatio(**{**item, "relative_by_rank": tuple(item["relative_by_rank"])}) for item, _ in ratio_fields]
    last_utc = max((moment for _, moment in ratio_fields if moment), default=known_utc)
    champion_by_source = {row["source_id"]: row for row in champions}
    rows: list[Row] = []
    renewed: set[str] = set()
    for model in fit_pooled_models(ratios) if ratios else []:
        source_id = model["source_id"]
        if source_id in with_own_model:
            continue
        renewed.add(source_id)
        rows += _replace_champion(model, ratios, champion_by_source.get(source_id), last_utc, known_utc)
    # A champion without a new model is withdrawn too when it cannot be read: its lines fall back to the prior.
    unreadable = [
        row
        for source_id, row in champion_by_source.items()
        if source_id not in renewed and unreadable_reason(row["parameters_json"])
    ]
    return rows + [withdraw(row, known_utc) for row in unreadable]


def _replace_champion(
    model: dict[str, Any], ratios: list[LineRatio], champion: Row | None, last_utc: datetime, known_utc: datetime
) -> list[Row]:
    """The new champion, and the old one out of use; no row where both have the same parameters."""
    new = model_row(
        model["source_id"],
        model["parameters"],
        status=ModelStatus.CHAMPION,
        card=_card(model, ratios),
        training_period=(last_utc, last_utc),
        known_utc=known_utc,
    )
    is_unreadable = champion is not None and bool(unreadable_reason(champion["parameters_json"]))
    if champion is not None and not is_unreadable and champion["model_version_id"] == new["model_version_id"]:
        return []
    out_of_use = withdraw if is_unreadable else retire
    return [{**new, "from_utc": None}, *([out_of_use(champion, known_utc)] if champion else [])]


def _card(model: dict[str, Any], ratios: list[LineRatio]) -> dict[str, Any]:
    """The card: how many lines the model was fitted on, and how far apart plants of the class are."""
    parameters = model["parameters"]
    codes = {
        model["source_id"].removeprefix(INDUSTRY_PREFIX),
        *(ratio.industry_code for ratio in ratios if ratio.source_id == model["source_id"]),
    }
    return {
        "form": model["form_code"],
        "hours": model["sample_count"],
        "lines": model["line_count"],
        "class_lines": sum(ratio.industry_code in codes for ratio in ratios),
        "factor_between_plants": float(np.exp(parameters["class_spread"])),
        "why": "no truth, or too little, for a form of its own",
    }

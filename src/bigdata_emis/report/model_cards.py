"""The models of a region: champions with scores and verdicts, challengers, failures.

Belongs here: model cards and verdicts brought together, and their summary.
Does not: judging models (relate), drawing (assets, cli).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np

from bigdata_emis import schema
from bigdata_emis.activity_model.stored.parameters import read_card, read_failure, unreadable_reason
from bigdata_emis.codes import ModelStatus, WatchStatus
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.report.names.form_names import form_words
from bigdata_emis.report.names.source_names import plant_and_line, source_names
from bigdata_emis.report.sheet.report_sheet import Words
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store

BASELINES = ("affine", "proportional", "static_profile")
"""Baselines that a score is compared with: the first of them that was fitted."""
MAX_FLAGGED = 20
Row = dict[str, Any]


def models_document(region: Region, store: Store, *, known_utc: datetime, source_id: str = "") -> dict[str, Any]:
    """Champions with card, verdict and challenger, and failures; for one source its history.

    Raises:
        InputError: the source has no model.
    """
    rows = _query_models(region, known_utc, source_id)
    if source_id and not rows:
        raise InputError(
            f"region {region.region_id} has no model of source '{source_id}'",
            f"list the sources with models: emis models --region {region.region_id}",
        )
    verdicts = _last_verdicts(store)
    challengers = _by_source(rows, ModelStatus.CHALLENGER)
    models = [
        _model_entry(row, verdicts.get(row["source_id"]), challengers.get(row["source_id"]))
        for row in rows
        if _is_in_use(row, known_utc)
    ]
    failures = _failure_entries(rows, {model["source"] for model in models})
    document = {"region": region.region_id, "summary": _summary(models, failures), "models": models, "failed": failures}
    return document | ({"history": [_history_entry(row) for row in rows]} if source_id else {})


def card_section(region: Region, store: Store, day: date, *, known_utc: datetime) -> dict[str, Any] | None:
    """Page section: scores by form, and the models that are not steady; None without models."""
    verdicts = _last_verdicts(store, up_to=day)
    rows = _query_models(region, known_utc)
    models = [_model_entry(row, verdicts.get(row["source_id"]), None) for row in rows if _is_in_use(row, known_utc)]
    if not models:
        return None
    flagged = [model for model in models if model["watch"] and model["watch"]["status"] != WatchStatus.STEADY]
    names = source_names(region)
    return {
        "forms": [
            {"form": form, "title": form_words(form), **scores} for form, scores in _scores_by_form(models).items()
        ],
        "flagged": [_flagged_entry(model, names) for model in flagged[:MAX_FLAGGED]],
        "flagged_count": len(flagged),
        "count": len(models),
    }


def _query_models(region: Region, known_utc: datetime, source_id: str = "") -> list[Row]:
    table = database.query("models_known", region_id=region.region_id, source_id=source_id, known_utc=known_utc)
    rows: list[Row] = table.to_pylist()
    return rows


def _by_source(rows: list[Row], status: ModelStatus) -> dict[str, Row]:
    return {row["source_id"]: row for row in rows if row["status_code"] == status}


def _is_in_use(row: Row, known_utc: datetime) -> bool:
    begun, ended = row["champion_from_utc"], row["champion_to_utc"]
    return bool(begun and begun <= known_utc and (ended is None or ended > known_utc))


def _last_verdicts(store: Store, up_to: date | None = None) -> dict[str, Row]:
    """The verdict on each source of the last day with verdicts."""
    days = [day for day in store.days("model_watch") if up_to is None or day <= up_to]
    return {row["source_id"]: row for row in store.read("model_watch", [max(days)]).to_pylist()} if days else {}


def _failure_entries(rows: list[Row], with_model: set[str]) -> list[dict[str, Any]]:
    """The reason of each line whose training failed and that has no model."""
    return [
        {"source": source_id, "why": read_failure(row["note"]), "since": row["known_utc"]}
        for source_id, row in sorted(_by_source(rows, ModelStatus.FAILED).items())
        if source_id not in with_model
    ]


def _model_entry(row: Row, verdict: Row | None, challenger: Row | None) -> dict[str, Any]:
    card = read_card(row)
    validated, backtest = card.get("cross_validation") or {}, card.get("backtest") or {}
    is_current = verdict is not None and verdict["champion_version_id"] == row["model_version_id"]
    return {
        "source": row["source_id"],
        "target": row["target"],
        "status": ModelStatus.CHAMPION,
        "model": row["model_version_id"],
        "form": row["form_code"],
        "since": row["champion_from_utc"],
        "from_utc": row["from_utc"],
        "to_utc": row["to_utc"],
        "n": row["sample_count"],
        "r2": validated.get("r2"),
        "nmae": validated.get("nmae"),
        "nmb": validated.get("nmb"),
        "coverage_90": backtest.get("coverage_90"),
        "backtest": backtest,
        "baselines": card.get("baselines") or {},
        "why": card.get("why", ""),
        "code_version": row["code_version"],
        "unreadable": _unreadable_part(row, card),
        "watch": _verdict_entry(verdict) if verdict and is_current else None,
        "challenger": _challenger_entry(challenger) if challenger else None,
    }


def _unreadable_part(row: Row, card: Row) -> str:
    """What cannot be read of a stored model, as the stages find it; empty when all can be read."""
    reason = unreadable_reason(row["parameters_json"])
    return f"parameters_json {reason}" if reason else str(card.get("unreadable", ""))


def _verdict_entry(row: Row) -> dict[str, Any]:
    same_names = (
        "activity_correction",
        "interval_correction",
        "blend_version_id",
        "blend_share",
        "nmae",
        "nmae_promised",
        "evidence",
        "note",
        "form_code",
        "sample_count",
    )
    return {
        "status": row["watch_status_code"],
        "reason": row["watch_reason_code"],
        "coverage_90": row["coverage_90_share"],
        "model": row["model_version_id"],
        "day": row["from_utc"],
        **{name: row[name] for name in same_names},
    }


def _challenger_entry(row: Row) -> dict[str, Any]:
    return {
        "model": row["model_version_id"],
        "form": row["form_code"],
        "known_utc": row["known_utc"],
        **(read_card(row).get("cross_validation") or {}),
    }


def _history_entry(row: Row) -> dict[str, Any]:
    same_names = (
        "model_version_id",
        "form_code",
        "status_code",
        "known_utc",
        "champion_from_utc",
        "champion_to_utc",
        "from_utc",
        "to_utc",
    )
    return {**{name: row[name] for name in same_names}, "contest": read_card(row).get("contest")}


def _summary(models: list[dict[str, Any]], failures: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "champions": len(models),
        "challengers": sum(model["challenger"] is not None for model in models),
        "failed": len(failures),
        "by_form": _scores_by_form(models),
        "watch": dict(sorted(Counter(model["watch"]["status"] for model in models if model["watch"]).items())),
    }


def _scores_by_form(models: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    forms = sorted({model["form"] for model in models})
    return {form: _median_scores([model for model in models if model["form"] == form]) for form in forms}


def _median_scores(models: list[dict[str, Any]]) -> dict[str, Any]:
    baselines: list[dict[str, float | None]] = [
        next((model["baselines"][name] for name in BASELINES if name in model["baselines"]), {}) for model in models
    ]
    return {
        "n": len(models),
        "median_r2": _median(model["r2"] for model in models),
        "median_baseline_r2": _median(baseline.get("r2") for baseline in baselines),
        "median_nmae": _median(model["nmae"] for model in models),
        "median_baseline_nmae": _median(baseline.get("nmae") for baseline in baselines),
        "median_abs_nmb": _median(abs(model["nmb"]) if model["nmb"] is not None else None for model in models),
        "coverage_90": _median(model["coverage_90"] for model in models),
    }


def _flagged_entry(model: dict[str, Any], names: Mapping[str, Words]) -> dict[str, Any]:
    codes, watch = schema.codes(), model["watch"]
    status, reason = codes["watch_status"][watch["status"]], codes["watch_reason"][watch["reason"]]
    return {
        "source": model["source"],
        **plant_and_line(names, model["source"]),
        "form": form_words(model["form"]),
        "in_use": form_words(watch["form_code"]),
        "status": {"en": status.title_en, "zh": status.title_zh},
        "reason": {"en": reason.title_en, "zh": reason.title_zh},
        "note": watch["note"] or "",
        "correction": watch["activity_correction"],
        "nmae": watch["nmae"],
        "promised": watch["nmae_promised"],
        "coverage_90": watch["coverage_90"],
    }


def _median(values: Iterable[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return float(np.median(numbers)) if numbers else None

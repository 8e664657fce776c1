"""The models of a region as a person asks for them: who estimates what, how well, since when, and what the watch says.

Belongs here: cards and verdicts brought together, and their summary. Does not: judging (relate), drawing (assets, cli).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import numpy as np

from bigdata_emis import schema
from bigdata_emis.activity_model.stored.parameters import card_of, told_failure, why_unreadable
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store

CHAMPION, CHALLENGER, FAILED = "champion", "challenger", "failed"
STEADY = "steady"
BASELINES = ("affine", "proportional", "static_profile")
"""The baseline beside which a score is shown: the richest of these that competed."""
SHOWN = 20
Row = dict[str, Any]


def models_document(region: Region, store: Store, *, known_utc: datetime, source_id: str = "") -> dict[str, Any]:
    """Champions with card, verdict and challenger; failures of lines without a champion; for one source also what it had before.

    Raises InputError when the source has no model.
    """
    rows = database.query(
        "models_known", region_id=region.region_id, source_id=source_id, known_utc=known_utc
    ).to_pylist()
    if source_id and not rows:
        raise InputError(
            f"region {region.region_id} has no model of source '{source_id}'",
            f"emis models --region {region.region_id} lists the sources",
        )
    verdicts = _verdicts(store)
    in_use = [row for row in rows if _is_in_use(row, known_utc)]
    waiting = {row["source_id"]: row for row in rows if row["status_code"] == CHALLENGER}
    models = [_model(row, verdicts.get(row["source_id"]), waiting.get(row["source_id"])) for row in in_use]
    failed = {row["source_id"]: row for row in rows if row["status_code"] == FAILED}
    failures = [
        {"source": name, "why": told_failure(row["note"]), "since": row["known_utc"]}
        for name, row in sorted(failed.items())
        if name not in {m["source"] for m in models}
    ]
    document = {"region": region.region_id, "summary": _summary(models, failures), "models": models, "failed": failures}
    if source_id:
        document["history"] = [_history(row) for row in rows]
    return document


def card_section(region: Region, store: Store, day: date, *, known_utc: datetime) -> dict[str, Any] | None:
    """What the page of a day shows of the models: a line a form, then the models that do not keep their promise; none where there is none."""
    rows = database.query("models_known", region_id=region.region_id, source_id="", known_utc=known_utc).to_pylist()
    verdicts = _verdicts(store, up_to=day)
    models = [_model(row, verdicts.get(row["source_id"]), None) for row in rows if _is_in_use(row, known_utc)]
    if not models:
        return None
    forms = [
        {"form": form, **_scores_of([m for m in models if m["form"] == form])}
        for form in sorted({m["form"] for m in models})
    ]
    flagged = [m for m in models if m["watch"] and m["watch"]["status"] != STEADY]
    return {
        "forms": forms,
        "flagged": [_flagged(m) for m in flagged[:SHOWN]],
        "flagged_count": len(flagged),
        "count": len(models),
    }


def _is_in_use(row: Row, known_utc: datetime) -> bool:
    begun, ended = row["champion_from_utc"], row["champion_to_utc"]
    return bool(begun and begun <= known_utc and (ended is None or ended > known_utc))


def _verdicts(store: Store, up_to: date | None = None) -> dict[str, Row]:
    """The newest day's verdict on each source."""
    days = [day for day in store.days("model_watch") if up_to is None or day <= up_to]
    return {row["source_id"]: row for row in store.read("model_watch", [max(days)]).to_pylist()} if days else {}


def _model(row: Row, verdict: Row | None, challenger: Row | None) -> dict[str, Any]:
    card = card_of(row)
    validated, backtest = card.get("cross_validation") or {}, card.get("backtest") or {}
    is_about = verdict is not None and verdict["champion_version_id"] == row["model_version_id"]
    return {
        "source": row["source_id"],
        "target": row["target"],
        "status": CHAMPION,
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
        "unreadable": _unreadable(row, card),
        "watch": _verdict(verdict) if verdict and is_about else None,
        "challenger": _waiting(challenger),
    }


def _unreadable(row: Row, card: Row) -> str:
    """What of a stored model cannot be read, as the stages find it out; empty when all can."""
    why = why_unreadable(row["parameters_json"])
    return f"parameters_json {why}" if why else str(card.get("unreadable", ""))


def _verdict(row: Row) -> dict[str, Any]:
    names = (
        "activity_correction",
        "interval_correction",
        "nmae",
        "nmae_promised",
        "evidence",
        "note",
        "form_code",
        "sample_count",
    )
    told = {name: row[name] for name in names}
    return {
        "status": row["watch_status_code"],
        "reason": row["watch_reason_code"],
        "coverage_90": row["coverage_90_share"],
        "model": row["model_version_id"],
        "day": row["from_utc"],
        **told,
    }


def _waiting(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    card = card_of(row)
    return {
        "model": row["model_version_id"],
        "form": row["form_code"],
        "known_utc": row["known_utc"],
        **(card.get("cross_validation") or {}),
    }


def _history(row: Row) -> dict[str, Any]:
    kept = (
        "model_version_id",
        "form_code",
        "status_code",
        "known_utc",
        "champion_from_utc",
        "champion_to_utc",
        "from_utc",
        "to_utc",
    )
    return {**{name: row[name] for name in kept}, "contest": card_of(row).get("contest")}


def _summary(models: list[dict[str, Any]], failures: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "champions": len(models),
        "challengers": sum(m["challenger"] is not None for m in models),
        "failed": len(failures),
        "by_form": {
            form: _scores_of([m for m in models if m["form"] == form]) for form in sorted({m["form"] for m in models})
        },
        "watch": dict(sorted(Counter(m["watch"]["status"] for m in models if m["watch"]).items())),
    }


def _scores_of(models: list[dict[str, Any]]) -> dict[str, Any]:
    beside: list[dict[str, float | None]] = [
        next((m["baselines"][name] for name in BASELINES if name in m["baselines"]), {}) for m in models
    ]
    return {
        "n": len(models),
        "median_r2": _median(m["r2"] for m in models),
        "median_baseline_r2": _median(b.get("r2") for b in beside),
        "median_nmae": _median(m["nmae"] for m in models),
        "median_baseline_nmae": _median(b.get("nmae") for b in beside),
        "median_abs_nmb": _median(abs(m["nmb"]) if m["nmb"] is not None else None for m in models),
        "coverage_90": _median(m["coverage_90"] for m in models),
    }


def _flagged(model: dict[str, Any]) -> dict[str, Any]:
    codes, watch = schema.codes(), model["watch"]
    status, reason = codes["watch_status"][watch["status"]], codes["watch_reason"][watch["reason"]]
    return {
        "source": model["source"],
        "form": model["form"],
        "in_use": watch["form_code"],
        "status": {"en": status.title_en, "zh": status.title_zh},
        "reason": {"en": reason.title_en, "zh": reason.title_zh},
        "note": watch["note"] or "",
        "correction": watch["activity_correction"],
        "nmae": watch["nmae"],
        "promised": watch["nmae_promised"],
        "coverage_90": watch["coverage_90"],
    }


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None

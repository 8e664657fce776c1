"""Score of achieved cuts and of compliance against the hidden truth of a simulated alert.

Belongs here: the comparison. Does not: the truth itself (world/alert_world), or anything that a stage could use.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import Compliance, Sector
from bigdata_emis.demo.alert_trial.alert_period import ALERT_FROM_HOUR, NORMAL_DAYS, alert_days
from bigdata_emis.demo.alert_trial.alert_world import AlertWorld
from bigdata_emis.demo.alert_trial.obedience import ABATEMENT, BEHAVIOURS, OFFLINE
from bigdata_emis.demo.plan import TIME_ZONE

TARGET_POLLUTANTS = ("SO2", "NOx", "PM2.5", "VOCs")
CLEAR_BREACH_H = 2
"""A line did not obey on a day with at least so many hours of breach; days with fewer, but some, are not scored."""
MOST_UNKNOWN_SHARE = 0.25
QUARTERS_PER_DAY = 96
PROBABILITY_EDGES = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)

Scores = dict[str, Any]


def score_achieved(world: AlertWorld, achieved_cut: pa.Table) -> dict[str, Scores]:
    """Achieved share of the whole window by pollutant: truth, estimate, error, and whether the interval covers.

    plan_only: the error of believing that every order was carried out, as a baseline.
    """
    rows = achieved_cut.to_pandas()
    whole = rows[
        (rows["sector_code"] == Sector.ALL)
        & (rows["from_utc"] == world.window.from_utc)
        & (rows["to_utc"] == world.window.to_utc)
    ].set_index("pollutant_code")
    scores = {}
    for pollutant in TARGET_POLLUTANTS:
        truth = true_achieved_share(world, pollutant)
        row = whole.loc[pollutant]
        scores[pollutant] = {
            "truth_share": truth,
            "estimate_share": float(row["achieved_share"]),
            "error_points": 100 * (float(row["achieved_share"]) - truth),
            "covered_90": bool(row["achieved_share_p05"] <= truth <= row["achieved_share_p95"]),
            "width_points": 100 * float(row["achieved_share_p95"] - row["achieved_share_p05"]),
            "plan_only_error_points": 100 * (_planned_share(world, pollutant) - truth),
        }
    return scores


def true_achieved_share(world: AlertWorld, pollutant: str) -> float:
    """The share that was truly cut in the hours of the alert."""
    rows, hours = _rows_and_hours(world, pollutant)
    return float(1 - world.true_emission[rows][:, hours].sum() / world.true_emission_without[rows][:, hours].sum())


def _planned_share(world: AlertWorld, pollutant: str) -> float:
    rows, hours = _rows_and_hours(world, pollutant)
    without = world.true_emission_without[rows][:, hours]
    order = world.order_share[world.emission_key["line_row"].to_numpy()[rows]]
    return float((without * order[:, None]).sum() / without.sum())


def _rows_and_hours(world: AlertWorld, pollutant: str) -> tuple[Flags, Flags]:
    hours = np.arange(world.true_emission.shape[1]) >= NORMAL_DAYS * 24 + ALERT_FROM_HOUR
    return world.emission_key["pollutant_code"].eq(pollutant).to_numpy(), hours


def score_compliance(world: AlertWorld, compliance_hourly: pa.Table) -> Scores:
    """Precision, recall, F1 and false accusations by line-day, of the days that were judged and of all, and by kind.

    A line-day is judged where at most a quarter of its ordered hours is unknown, or where it is accused. A day on which
    only abatement was off counts as judged where production and abatement both have a meter of the line (rule W009 of
    the power supervision: an alarm needs the pair).
    """
    days = _line_days(world, compliance_hourly)
    judged = days[days["is_judged"]]
    return {
        "judged": _counts(judged),
        "all": _counts(days),
        "judged_share": float(len(judged) / max(len(days), 1)),
        "marginal_line_days": int(((days["breach_h"] > 0) & (days["breach_h"] < CLEAR_BREACH_H)).sum()),
        "by_kind": {kind: _counts(judged[judged["behaviour"] == kind]) for kind in BEHAVIOURS},
        "accused_offline_hours": _accused_offline_hours(world, compliance_hourly),
        "reliability": _reliability(world, compliance_hourly),
    }


def _line_days(world: AlertWorld, compliance_hourly: pa.Table) -> pd.DataFrame:
    """One row for each line with an order, or an accusation, and day."""
    rows = compliance_hourly.select(["source_id", "hour_utc", "cut_order_share", "compliance_code"]).to_pandas()
    rows["day"] = rows["hour_utc"].dt.tz_convert(TIME_ZONE).dt.date
    rows["breached"] = rows["compliance_code"] == Compliance.BREACHED
    rows["unknown"] = rows["compliance_code"] == Compliance.UNKNOWN
    days = rows.groupby(["source_id", "day"]).agg(
        accused=("breached", "any"), unknown_share=("unknown", "mean"), order=("cut_order_share", "max")
    )
    days["breach_h"] = _true_breach_hours(world).reindex(days.index).to_numpy()
    lines = days.index.get_level_values(0)
    behaviour = pd.Series(world.response.behaviour, index=world.lines["production_line_id"])
    days["behaviour"] = behaviour.reindex(lines).to_numpy()
    has_pair = pd.Series(has_metered_pair(world), index=world.lines["production_line_id"]).reindex(lines).to_numpy()
    is_seen = (days["behaviour"] != ABATEMENT) | has_pair
    days["is_judged"] = ((days["unknown_share"] <= MOST_UNKNOWN_SHARE) & is_seen) | days["accused"]
    is_listed = (days["order"] > 0) | days["accused"] | (days["breach_h"] > 0)
    return pd.DataFrame(days[is_listed])


def _true_breach_hours(world: AlertWorld) -> pd.Series:
    by_day = world.is_breach.reshape(len(world.lines), -1, QUARTERS_PER_DAY).sum(axis=2)[:, NORMAL_DAYS:] / 4
    frame = pd.DataFrame(by_day, index=world.lines["production_line_id"], columns=alert_days()[NORMAL_DAYS:])
    return pd.Series(frame.stack())


def has_metered_pair(world: AlertWorld) -> Flags:
    """Lines whose production and abatement were both read by meters of their own, (lines,)."""
    names = ["metered_energy_kwh", "abatement_energy_kwh"]
    energy = world.tables["line_energy_hourly"].select(["production_line_id", *names]).to_pandas()
    has_both = energy.groupby("production_line_id")[names].any().all(axis=1)
    return np.asarray(has_both.reindex(world.lines["production_line_id"]).to_numpy(dtype=bool))


def _counts(days: pd.DataFrame) -> Scores:
    """True and false accusations; days with a marginal breach are in none of them."""
    accused, is_breach = days["accused"].to_numpy(dtype=bool), days["breach_h"].to_numpy() >= CLEAR_BREACH_H
    is_clean = days["breach_h"].to_numpy() == 0
    true, missed = int((accused & is_breach).sum()), int((~accused & is_breach).sum())
    false, right = int((accused & is_clean).sum()), int((~accused & is_clean).sum())
    return {
        "true_accusations": true,
        "missed": missed,
        "false_accusations": false,
        "rightly_not_accused": right,
        "precision": _ratio(true, true + false),
        "recall": _ratio(true, true + missed),
        "f1": _ratio(2 * true, 2 * true + false + missed),
        "false_accusation_share": _ratio(false, false + right),
    }


def _accused_offline_hours(world: AlertWorld, compliance_hourly: pa.Table) -> int:
    """Hours in which a silent meter's line is accused; the goal is none."""
    rows = compliance_hourly.select(["source_id", "hour_utc", "compliance_code"]).to_pandas()
    offline = set(world.lines["production_line_id"][world.response.behaviour == OFFLINE])
    breached = rows[(rows["compliance_code"] == Compliance.BREACHED) & rows["source_id"].isin(offline)]
    silent: Flags = np.asarray(world.response.is_silent.reshape(len(world.lines), -1, 4).any(axis=2))
    first = world.tables["line_energy_hourly"]["hour_utc"].to_pandas().min()
    row = pd.Series(np.arange(len(world.lines)), index=world.lines["production_line_id"])
    hour = ((breached["hour_utc"] - first) / pd.Timedelta(hours=1)).astype(int)
    return int(silent[row[breached["source_id"]].to_numpy(), hour.to_numpy()].sum())


def _reliability(world: AlertWorld, compliance_hourly: pa.Table) -> list[Scores]:
    """How often an hour with an order was truly a breach, by its stated probability."""
    rows = compliance_hourly.select(
        ["source_id", "hour_utc", "cut_order_share", "breach_probability_share"]
    ).to_pandas()
    rows = rows[(rows["cut_order_share"] > 0) & rows["breach_probability_share"].notna()]
    first = world.tables["line_energy_hourly"]["hour_utc"].to_pandas().min()
    row = pd.Series(np.arange(len(world.lines)), index=world.lines["production_line_id"])
    true: Flags = np.asarray(world.is_breach.reshape(len(world.lines), -1, 4).mean(axis=2) >= 0.5)
    hour = ((rows["hour_utc"] - first) / pd.Timedelta(hours=1)).astype(int).to_numpy()
    is_true = true[row[rows["source_id"]].to_numpy(), hour]
    return reliability_bins(rows["breach_probability_share"].to_numpy(), is_true)


def reliability_bins(probability: Floats, is_true: Flags) -> list[Scores]:
    """Share of true cases and their mean stated probability, between PROBABILITY_EDGES."""
    number = np.clip(np.searchsorted(PROBABILITY_EDGES, probability, side="right") - 1, 0, len(PROBABILITY_EDGES) - 2)
    bins = []
    for edge in range(len(PROBABILITY_EDGES) - 1):
        inside = number == edge
        count = int(inside.sum())
        bins.append(
            {
                "from_share": PROBABILITY_EDGES[edge],
                "to_share": PROBABILITY_EDGES[edge + 1],
                "hours": count,
                "stated_share": float(probability[inside].mean()) if count else None,
                "true_share": float(is_true[inside].mean()) if count else None,
            }
        )
    return bins


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None

"""The tables that a city has of the simulated alert, as stages read them, made from readings and the register alone.

Belongs here: a simple inventory of the readings, and rows. Does not: anything of the hidden truth, but the electricity
that the power bureau counts.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import ActivityUnit, EnergyMethod, Imputation, MeterRole, Method
from bigdata_emis.demo.alert_trial.alert_period import ALERT_DAYS, NORMAL_DAYS, SCENARIO, alert_days
from bigdata_emis.demo.alert_trial.alert_readings import MONITOR_SD, AlertReadings
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR, day_start_us
from bigdata_emis.demo.truth.industry_truth import MONITORED
from bigdata_emis.demo.world.enterprises import IndustryRegister
from bigdata_emis.demo.world.tiers import NONE
from bigdata_emis.equations.industry import activity as activity_of_energy
from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95
from bigdata_emis.schema.arrow import conform, empty
from bigdata_emis.window import HOUR_US

FACTOR_SD_UNKNOWN = 0.5
METERED_ACTIVITY_SD, ALLOCATED_ACTIVITY_SD = 0.2, 0.5
"""Ratings B and C of reference/uncertainty_rating.csv."""


def city_tables(
    register: IndustryRegister,
    lines: pd.DataFrame,
    stacks: pd.DataFrame,
    measured: AlertReadings,
    factors: pd.DataFrame,
    order: Floats,
    in_alert: Flags,
) -> dict[str, pa.Table]:
    """The tables of the city, made from readings, the register and its known factors alone."""
    energy, method = _with_substitutes(lines, measured)
    activity = _estimate_activity(register.production_line, energy, measured)
    emission, emission_method, relative_sd = _estimate_emission(factors, measured, activity)
    is_ordered = in_alert.reshape(-1, QUARTERS_PER_HOUR).all(axis=1)
    planned = emission * order[measured.key["line_row"].to_numpy()][:, None] * is_ordered
    return {
        "production_line": _registry("production_line", register.production_line),
        "meter": _meter_rows(lines, measured),
        "stack": _registry("stack", stacks),
        "activity_area": empty(schema.table("activity_area")),
        "line_energy_hourly": _line_energy_rows(lines, energy, method, measured),
        "cems_hourly": _cems_rows(stacks, measured),
        "activity_hourly": _activity_rows(lines, activity),
        "emission_hourly": _emission_rows(measured.key, emission, emission_method, relative_sd),
        "control_hourly": _planned_rows(measured.key, planned),
        "scenario": empty(schema.table("scenario")),
        "alert_event": empty(schema.table("alert_event")),
    }


def _with_substitutes(lines: pd.DataFrame, measured: AlertReadings) -> tuple[Floats, Any]:
    """Energy of every line and hour, and how it is known: an unread hour has the mean of the same hour before."""
    by_day = measured.energy.reshape(len(lines), -1, 24)
    present = np.isfinite(by_day[:, :NORMAL_DAYS])
    usual = np.where(present, by_day[:, :NORMAL_DAYS], 0).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    energy = np.where(np.isfinite(measured.energy), measured.energy, np.tile(usual, by_day.shape[1]))
    is_unwatched = lines["tier"].eq(NONE).to_numpy()[:, None]
    energy = np.where(is_unwatched, measured.allocated, energy)
    method = np.full(energy.shape, EnergyMethod.METERED.value, dtype=object)
    method[~np.isfinite(measured.energy)] = EnergyMethod.IMPUTED.value
    method[np.broadcast_to(is_unwatched, method.shape)] = EnergyMethod.ALLOCATED.value
    return energy, method


def _estimate_activity(registered: pd.DataFrame, energy: Floats, measured: AlertReadings) -> Floats:
    """Activity by the prior of the register; of lines with a monitor as reported."""
    column = {name: registered[name].to_numpy(dtype=float)[:, None] for name in registered.columns if _is_prior(name)}
    estimated = activity_of_energy(
        energy,
        column["reference_energy_kwh"],
        base_load_share=column["base_load_share"],
        power_elasticity=column["power_elasticity"],
        capacity_per_h=column["capacity_per_h"],
    )
    limited = np.minimum(estimated, 1.2 * column["capacity_per_h"])
    return np.asarray(np.where(np.isfinite(measured.activity), measured.activity, limited))


def _is_prior(name: str) -> bool:
    return name in ("reference_energy_kwh", "base_load_share", "power_elasticity", "capacity_per_h")


def _estimate_emission(known: pd.DataFrame, measured: AlertReadings, activity: Floats) -> tuple[Floats, Any, Floats]:
    """The inventory: measured where a stack is monitored, else activity times the known factor."""
    key = measured.key
    named = known.rename(columns={"source_id": "production_line_id", "factor_relative_sd_share": "relative_sd_share"})
    factors = key[["production_line_id", "pollutant_code"]].merge(named, how="left", validate="one_to_one")
    net = (factors["emission_factor_g_per_unit"] * (1 - factors["removal_share"])).to_numpy(dtype=float)
    row = key["line_row"].to_numpy()
    modelled = activity[row] * net[:, None] * _seen_ratio(measured, factors["removal_share"].to_numpy(dtype=float))
    is_measured = np.isfinite(measured.emission)
    # The error of the activity is in the interval of an emission, too.
    is_unwatched = np.asarray(np.isfinite(measured.allocated).any(axis=1))[row]
    activity_sd = np.where(is_unwatched, ALLOCATED_ACTIVITY_SD, METERED_ACTIVITY_SD)
    relative_sd = np.where(
        is_measured.any(axis=1),
        MONITOR_SD,
        np.hypot(factors["relative_sd_share"].fillna(FACTOR_SD_UNKNOWN).to_numpy(dtype=float), activity_sd),
    )
    method = np.where(is_measured, Method.MEASURED.value, Method.MODELLED.value)
    return np.where(is_measured, measured.emission, modelled), method, relative_sd


def _seen_ratio(measured: AlertReadings, removal: Floats) -> Floats:
    """Emission relative to treated emission, where the abatement meter shows that the device is off."""
    row = measured.key["line_row"].to_numpy()
    usual = np.nan_to_num(np.nanmedian(np.nan_to_num(measured.abatement), axis=1))[:, None]
    is_off = (measured.abatement < 0.1 * usual)[row]
    return np.asarray(1 + is_off * (removal / (1 - removal))[:, None])


def _hours(count: int) -> pa.Array:
    first = day_start_us(alert_days()[0])
    hours = np.arange((NORMAL_DAYS + ALERT_DAYS) * 24) * HOUR_US + first
    return pa.array(np.tile(hours, count)).cast(pa.timestamp("us", tz="UTC"))


def _long(ids: pd.Series, width: int) -> pa.Array:
    return pa.array(ids.astype(str)).take(pa.array(np.repeat(np.arange(len(ids)), width)))


def _optional(values: Floats) -> pa.Array:
    return pa.array(values.ravel(), from_pandas=True)


def _rows(name: str, columns: dict[str, Any]) -> pa.Table:
    declared = schema.table(name)
    count = len(next(iter(columns.values())))
    full = {n: columns.get(n, pa.nulls(count)) for n in declared.names}
    return conform(pa.table(full), declared)


def _registry(name: str, frame: pd.DataFrame) -> pa.Table:
    columns = [column for column in schema.table(name).names if column in frame.columns]
    table = pa.Table.from_pandas(frame[columns], preserve_index=False)
    return _rows(name, {column: table[column] for column in columns})


def _meter_rows(lines: pd.DataFrame, measured: AlertReadings) -> pa.Table:
    """The registered meters: of production where a line has one, of abatement where one was ever read."""
    has_meter = {
        MeterRole.PRODUCTION: lines["tier"].ne(NONE).to_numpy(),
        MeterRole.ABATEMENT: np.asarray(np.isfinite(measured.abatement).any(axis=1)),
    }
    rows = [
        {"meter_id": f"{line_id}-{role}", "production_line_id": line_id, "meter_role_code": role.value}
        for role, has_role in has_meter.items()
        for line_id in lines["production_line_id"][has_role]
    ]
    table = pa.Table.from_pylist(rows)
    return _rows("meter", {n: table[n] for n in table.column_names} | {"interval_min": pa.repeat(15, len(rows))})


def _line_energy_rows(lines: pd.DataFrame, energy: Floats, method: Any, measured: AlertReadings) -> pa.Table:
    width = energy.shape[1]
    imputed = np.where(method == EnergyMethod.METERED, Imputation.NONE.value, Imputation.PROFILE.value)
    return _rows(
        "line_energy_hourly",
        {
            "production_line_id": _long(lines["production_line_id"], width),
            "hour_utc": _hours(len(lines)),
            "energy_kwh": energy.ravel(),
            "energy_sd_kwh": 0.02 * energy.ravel(),
            "energy_method_code": pa.array(method.ravel().tolist()),
            "metered_energy_kwh": _optional(measured.energy),
            "abatement_energy_kwh": _optional(measured.abatement),
            "imputation_code": pa.array(imputed.ravel().tolist()),
        },
    )


def _cems_rows(stacks: pd.DataFrame, measured: AlertReadings) -> pa.Table:
    flow = measured.flow[stacks["line_row"].to_numpy()]
    count = flow.size
    return _rows(
        "cems_hourly",
        {
            "stack_id": _long(stacks["stack_id"], flow.shape[1]),
            "pollutant_code": pa.repeat(MONITORED[0].value, count),
            "hour_utc": _hours(len(stacks)),
            "flow_m3_per_h": _optional(flow),
            "is_valid": pa.repeat(True, count),
            "imputation_code": pa.repeat(Imputation.NONE.value, count),
            "reading_count": pa.repeat(1, count),
        },
    )


def _activity_rows(lines: pd.DataFrame, activity: Floats) -> pa.Table:
    values = activity.ravel()
    return _rows(
        "activity_hourly",
        {
            "source_id": _long(lines["production_line_id"], activity.shape[1]),
            "hour_utc": _hours(len(lines)),
            "activity": values,
            "activity_p05": 0.8 * values,
            "activity_p95": 1.25 * values,
            "activity_unit_code": pa.repeat(ActivityUnit.T.value, len(values)),
            "method_code": pa.repeat(Method.MODELLED.value, len(values)),
        },
    )


def _emission_rows(key: pd.DataFrame, emission: Floats, method: Any, relative_sd: Floats) -> pa.Table:
    width = emission.shape[1]
    spread = np.repeat(relative_sd, width)
    values = emission.ravel()
    return _rows(
        "emission_hourly",
        {
            "source_id": _long(key["production_line_id"], width),
            "sector_code": _long(key["sector_code"], width),
            "pollutant_code": _long(key["pollutant_code"], width),
            "hour_utc": _hours(len(key)),
            "emission_g": values,
            "emission_g_p05": emission_g_p05(values, spread),
            "emission_g_p95": emission_g_p95(values, spread),
            "method_code": pa.array(method.ravel().tolist()),
        },
    )


def _planned_rows(key: pd.DataFrame, planned: Floats) -> pa.Table:
    width = planned.shape[1]
    rows = _rows(
        "control_hourly",
        {
            "scenario_id": pa.repeat(SCENARIO, planned.size),
            "source_id": _long(key["production_line_id"], width),
            "pollutant_code": _long(key["pollutant_code"], width),
            "hour_utc": _hours(len(key)),
            "cut_emission_g": planned.ravel(),
            "baseline_emission_g": pa.nulls(planned.size, pa.float64()),
        },
    )
    return rows.filter(pa.array(rows["cut_emission_g"].to_numpy() > 0))

"""A town of one or two foundries: eleven normal days, then a day with an order; frames of its tables."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from bigdata_emis import reference, schema
from bigdata_emis.context import Context
from bigdata_emis.control.outcome.supervision_rules import SupervisionRules
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import Window, day_window

FIRST = date(2019, 7, 1)
"""A Monday; the order is on Friday of the next week."""
NORMAL_DAYS = 11
ORDER_DAY = FIRST + timedelta(days=NORMAL_DAYS)
START = day_window(FIRST, "UTC").from_utc
SCENARIO = "plan-1"
RULES = SupervisionRules.read(reference.read("supervision_rule"))
HOURS = (NORMAL_DAYS + 1) * 24


def make_table(name, rows):
    declared = arrow_schema(schema.table(name))
    full = [{column: row.get(column) for column in declared.names} for row in rows]
    return pa.Table.from_pylist(full, pa.schema([(field.name, field.type) for field in declared]))


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def order_window(first: int = 0, last: int = 24) -> Window:
    """Hours of the day of the order."""
    start = START + timedelta(days=NORMAL_DAYS)
    return Window(start + timedelta(hours=first), start + timedelta(hours=last))


def context_of(window: Window | None = None) -> Context:
    region = Region("a", Path("a"), "A", "甲", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 2, 2), {}, {}, {})
    asked = window or order_window()
    whole = asked.whole_days("UTC")
    return Context(region, whole, whole.to_utc, "run-1", None, lookback_days=NORMAL_DAYS, asked_window=asked)


def lines(*names: str, industry: str = "foundry") -> pa.Table:
    row = {
        "enterprise_id": "E1",
        "sector_code": "industrial_process",
        "industry_code": industry,
        "activity_unit_code": "t",
        "capacity_per_h": 1.0,
        "base_load_share": 0.1,
        "power_elasticity": 1.0,
        "reference_energy_kwh": 100.0,
    }
    return make_table("production_line", [{"production_line_id": name, **row} for name in names])


def energy_of(load: float) -> float:
    """Energy of a foundry at a load: a base load of 10 kWh and 90 kWh at full load."""
    return 10.0 + 90.0 * load


def line_energy(name, load, *, normal=1.0, abatement=None, method="metered", jitter=0.02):
    """Energy by hour: the normal load, then `load(hour)` on the day of the order; None is a gap.

    Two hours never have the same reading: a meter at one value is stuck.
    """
    rows = []
    for number in range(HOURS):
        ordered = number >= NORMAL_DAYS * 24
        at = load(number - NORMAL_DAYS * 24) if ordered else normal
        alternates = (-1) ** number / 500
        swing = 1 + jitter * (-1) ** (number // 5) + (alternates if jitter else 0.0)
        reading = None if at is None else energy_of(at) * swing
        device = abatement(number - NORMAL_DAYS * 24) if abatement and ordered else 5.0
        rows.append(
            {
                "production_line_id": name,
                "hour_utc": hour(number),
                "energy_kwh": energy_of(normal) if reading is None else reading,
                "energy_sd_kwh": 1.0,
                "energy_method_code": "imputed" if reading is None else method,
                "metered_energy_kwh": reading,
                "abatement_energy_kwh": device * (1 + alternates),
            }
        )
    return rows


def activity(name, load, *, normal=1.0):
    rows = []
    for number in range(HOURS):
        value = load(number - NORMAL_DAYS * 24) if number >= NORMAL_DAYS * 24 else normal
        rows.append(
            {
                "source_id": name,
                "hour_utc": hour(number),
                "activity": value,
                "activity_p05": value,
                "activity_p95": value,
                "activity_unit_code": "t",
                "method_code": "modelled",
            }
        )
    return rows


def emission(
    name, grams, first=0, last=HOURS, *, sector="industrial_process", spread=0.0, pollutant="NOx", method="modelled"
):
    """Emission by hour; `grams(number of the hour)`."""
    return [
        {
            "source_id": name,
            "sector_code": sector,
            "pollutant_code": pollutant,
            "hour_utc": hour(number),
            "emission_g": grams(number),
            "emission_g_p05": grams(number) * (1 - spread),
            "emission_g_p95": grams(number) * (1 + spread),
            "method_code": method,
        }
        for number in range(first, last)
    ]


def planned(name, grams, first=NORMAL_DAYS * 24, last=HOURS, *, pollutant="NOx", scenario=SCENARIO):
    key = {"scenario_id": scenario, "source_id": name, "pollutant_code": pollutant}
    rows = [{**key, "hour_utc": hour(n), "cut_emission_g": grams(n)} for n in range(first, last)]
    return [row for row in rows if row["cut_emission_g"] > 0]


def exclusions(*rows):
    return make_exclusions([{"source": "x", "confidence": 1.0, "note": None, **row} for row in rows])


def make_exclusions(rows):
    declared = reference.read("control_exclusion").schema
    return pa.Table.from_pylist([{name: row.get(name) for name in declared.names} for row in rows], declared)

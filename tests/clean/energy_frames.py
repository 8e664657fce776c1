"""Meters, lines and totals of one foundry district, for the tests of line energy."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from bigdata_emis import reference, schema
from bigdata_emis.schema.arrow import arrow_schema

START = datetime(2015, 12, 10, tzinfo=UTC)


def read_parameters():
    table = reference.read("energy_reconciliation")
    return dict(zip(table["parameter_name"].to_pylist(), table["parameter_value"].to_pylist(), strict=True))


def frame(table, rows):
    declared = arrow_schema(schema.table(table))
    full = [{name: row.get(name) for name in declared.names} for row in rows]
    return pa.Table.from_pylist(full, pa.schema([(f.name, f.type) for f in declared]))


def power(**meters):
    """By meter: energies by hour from the start, or (energy, imputation)."""
    rows = []
    for meter, energies in meters.items():
        for hour, entry in enumerate(energies):
            energy, code = entry if isinstance(entry, tuple) else (entry, "none")
            start = START + timedelta(hours=hour)
            rows.append({"meter_id": meter, "hour_utc": start, "energy_kwh": float(energy), "imputation_code": code})
    return frame("power_hourly", [{**row, "reading_count": 1} for row in rows])


def meters(*rows):
    """Rows of meter, line and role."""
    return frame(
        "meter",
        [
            {"meter_id": m, "production_line_id": line, "meter_role_code": role, "interval_min": 60.0}
            for m, line, role in rows
        ],
    )


def shares(*rows):
    """Rows of meter, line and share."""
    return frame(
        "meter_share", [{"meter_id": m, "production_line_id": line, "energy_share": share} for m, line, share in rows]
    )


def lines(*, elasticity=None, **reference_kwh):
    """Lines of enterprises of the same name, by their reference energy."""
    base = {
        "sector_code": "industrial_process",
        "industry_code": "foundry",
        "activity_unit_code": "t",
        "base_load_share": 0.1,
        "power_elasticity": elasticity,
    }
    return frame(
        "production_line",
        [
            {**base, "production_line_id": name, "enterprise_id": f"e{name}", "reference_energy_kwh": reference}
            for name, reference in reference_kwh.items()
        ],
    )


def enterprises(*names):
    home = {"industry_code": "foundry", "county_id": "130102", "longitude_deg": 114.0, "latitude_deg": 38.0}
    return frame("enterprise", [{**home, "enterprise_id": f"e{name}"} for name in names])


def totals(*energies):
    base = {"district_id": "130102", "industry_code": "foundry", "reading_count": 1, "imputation_code": "none"}
    return frame(
        "district_energy_hourly",
        [
            {**base, "hour_utc": START + timedelta(hours=hour), "district_energy_kwh": float(energy)}
            for hour, energy in enumerate(energies)
        ],
    )

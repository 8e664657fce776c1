"""Bounds of registry numbers.

The program checks every row before it writes it; the database checks again. Rows that are older than a bound stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Table, column, side, the condition before (none) and after. What follows a condition in the table is kept.
BOUNDS = (
    ("derived_factor", "emission_factor_g_per_unit", "maximum", "", "<= 1000000000"),
    ("emission_factor", "emission_factor_g_per_unit", "maximum", "", "<= 1000000000"),
    ("area_emission_annual", "annual_emission_t", "maximum", "", "<= 10000000000"),
    ("production_line", "capacity_per_h", "minimum", ">= 0", ">= 0.0001"),
    ("production_line", "capacity_per_h", "maximum", "", "<= 100000000"),
    ("production_line", "reference_energy_kwh", "minimum", ">= 0", ">= 0.0001"),
    ("production_line", "reference_energy_kwh", "maximum", "", "<= 10000000"),
    ("production_line", "power_elasticity", "minimum", ">= 0", ">= 0.01"),
    ("production_line", "base_load_share", "maximum", "<= 1", "<= 0.99"),
    ("road_link", "length_km", "minimum", ">= 0", ">= 0.001"),
    ("road_link", "free_speed_km_per_h", "minimum", ">= 0", ">= 1"),
    ("road_link", "jam_density_veh_per_km", "minimum", ">= 0", ">= 1"),
    ("road_link", "jam_density_veh_per_km", "maximum", "", "<= 10000"),
)


def upgrade() -> None:
    """Set the bounds."""
    for table, column, side, before, after in BOUNDS:
        _change(table, column, side, before, after)


def downgrade() -> None:
    """Restore the bounds that were there before."""
    for table, column, side, before, after in BOUNDS:
        _change(table, column, side, after, before)


def _change(table: str, column: str, side: str, before: str, after: str) -> None:
    name = f"ck_{table}_{column}_{side}"
    if op.get_context().dialect.name == "sqlite":
        _rewrite_declaration(table, name, column, before, after)
        return
    if before:
        op.drop_constraint(name, table)
    if after:
        op.create_check_constraint(name, table, f"{column} {after}", postgresql_not_valid=True)


def _rewrite_declaration(table: str, name: str, column: str, before: str, after: str) -> None:
    """Change a bound of SQLite in the declaration of its table, which leaves rows and references as they are.

    Rebuilding the table, the other way that https://www.sqlite.org/lang_altertable.html names, would delete it while
    other tables refer to it.
    """
    connection = op.get_bind()
    old, new = (f"CONSTRAINT {name} CHECK ({column} {condition})" if condition else "" for condition in (before, after))
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    declared = connection.execute(query, {"name": table}).scalar_one().rstrip()
    if old and new:
        changed = declared.replace(old, new)
    elif new:
        changed = f"{declared.removesuffix(')').rstrip()}, \n\t{new}\n)"
    else:
        changed = declared.replace(f", \n\t{old}", "")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    update = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name")
    connection.execute(update, {"sql": changed, "name": table})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")

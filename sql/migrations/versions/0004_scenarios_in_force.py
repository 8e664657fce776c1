"""scenarios in force."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SCENARIO = sa.table(
    "scenario",
    *(sa.column(name) for name in ("region_id", "scenario_id", "scenario_status_code", "decided_by")),
    *(sa.column(n, INSTANT) for n in ("from_utc", "to_utc", "decided_utc", "in_force_from_utc", "in_force_to_utc")),
)
AUDIT = sa.table(
    "audit",
    *(sa.column(name) for name in ("region_id", "record_number", "actor", "event", "note")),
    sa.column("known_utc", INSTANT),
)
COUNTER = sa.table("record_counter", *(sa.column(n) for n in ("region_id", "counter_name", "last_number")))
DECISIONS = ("scenario approved", "scenario rejected")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "record_counter",
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("counter_name", sa.Text(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name="ck_record_counter_last_number_minimum"),
        sa.PrimaryKeyConstraint("region_id", "counter_name", name=op.f("pk_record_counter")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("authentication_code", sa.Text(), nullable=True))
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.alter_column("status", new_column_name="scenario_status_code")
        batch_op.add_column(sa.Column("is_draft_inventory", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("decided_utc", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("authentication_code", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("in_force_from_utc", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("in_force_to_utc", INSTANT, nullable=True))
    connection = op.get_bind()
    _continue_audit_numbers(connection)
    _take_over_decisions(connection)


def downgrade() -> None:
    """Take back."""
    was_approved = SCENARIO.c.in_force_from_utc.is_not(None)
    op.get_bind().execute(sa.update(SCENARIO).where(was_approved).values(scenario_status_code="approved"))
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.drop_column("in_force_to_utc")
        batch_op.drop_column("in_force_from_utc")
        batch_op.drop_column("authentication_code")
        batch_op.drop_column("decided_utc")
        batch_op.drop_column("decided_by")
        batch_op.drop_column("is_draft_inventory")
        batch_op.alter_column("scenario_status_code", new_column_name="status")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_column("authentication_code")
    op.drop_table("record_counter")


def _continue_audit_numbers(connection: sa.Connection) -> None:
    last = sa.select(AUDIT.c.region_id, sa.literal("audit"), sa.func.max(AUDIT.c.record_number))
    names = [column.name for column in COUNTER.columns]
    connection.execute(sa.insert(COUNTER).from_select(names, last.group_by(AUDIT.c.region_id)))


def _take_over_decisions(connection: sa.Connection) -> None:
    """Who decided comes from the audit trail; approved scenarios are in force, the later one from its own start."""
    acts = connection.execute(sa.select(AUDIT).where(AUDIT.c.event.in_(DECISIONS)).order_by(AUDIT.c.record_number))
    decided = {(act["region_id"], act["note"]): act for act in acts.mappings()}
    rows = [dict(row) for row in connection.execute(sa.select(SCENARIO)).mappings()]
    approved: list[dict[str, Any]] = []
    for row in sorted(rows, key=lambda row: _decision_number(decided, row)):
        act = decided.get((row["region_id"], row["scenario_id"]))
        row["decided_by"], row["decided_utc"] = (act["actor"], act["known_utc"]) if act else (None, None)
        if row["scenario_status_code"] == "approved":
            row |= {
                "scenario_status_code": "in_force",
                "in_force_from_utc": row["from_utc"],
                "in_force_to_utc": row["to_utc"],
            }
            _supersede(approved, row)
            approved.append(row)
    for row in rows:
        is_row = sa.and_(SCENARIO.c.region_id == row["region_id"], SCENARIO.c.scenario_id == row["scenario_id"])
        connection.execute(sa.update(SCENARIO).where(is_row).values(row))


def _decision_number(decided: dict[tuple[str, str], Any], row: dict[str, Any]) -> int:
    act = decided.get((row["region_id"], row["scenario_id"]))
    return int(act["record_number"]) if act else 0


def _supersede(approved: list[dict[str, Any]], newer: dict[str, Any]) -> None:
    for older in approved:
        is_same_region = older["region_id"] == newer["region_id"]
        if (
            is_same_region
            and older["in_force_from_utc"] < newer["to_utc"]
            and older["in_force_to_utc"] > newer["from_utc"]
        ):
            older["in_force_to_utc"] = max(older["in_force_from_utc"], newer["from_utc"])
            older["scenario_status_code"] = "superseded"

"""Process limits of measures, the pollutant and the hours of the day that they select."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Column, type and largest value; the least is 0.
COLUMNS = (
    ("from_local_hour", sa.BigInteger(), 23),
    ("to_local_hour", sa.BigInteger(), 24),
    ("min_load_share", sa.Double(), 1),
    ("ramp_down_h", sa.Double(), 240),
    ("restart_h", sa.Double(), 240),
)


def upgrade() -> None:
    """Apply."""
    op.add_column("measure", sa.Column("pollutant_code", sa.Text(), nullable=True))
    for name, kind, largest in COLUMNS:
        bounds = (("minimum", f"{name} >= 0"), ("maximum", f"{name} <= {largest}"))
        checks = [sa.CheckConstraint(check, name=f"ck_measure_{name}_{side}") for side, check in bounds]
        op.add_column("measure", sa.Column(name, kind, *checks, nullable=True))


def downgrade() -> None:
    """Take back."""
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("measure", name)
    op.drop_column("measure", "pollutant_code")

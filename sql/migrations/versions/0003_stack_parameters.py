"""stack parameters."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BOUNDS = {
    "stack_height_m": (0, 700),
    "stack_diameter_m": (0, 50),
    "exit_temperature_degc": (-50, 1500),
    "exit_velocity_m_per_s": (0, 150),
    "longitude_deg": (-180, 180),
    "latitude_deg": (-90, 90),
}


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("stack", schema=None) as batch_op:
        for name, (minimum, maximum) in BOUNDS.items():
            batch_op.add_column(sa.Column(name, sa.Double(), nullable=True))
            batch_op.create_check_constraint(batch_op.f(f"ck_stack_{name}_minimum"), f"{name} >= {minimum}")
            batch_op.create_check_constraint(batch_op.f(f"ck_stack_{name}_maximum"), f"{name} <= {maximum}")


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("stack", schema=None) as batch_op:
        for name in reversed(BOUNDS):
            batch_op.drop_constraint(batch_op.f(f"ck_stack_{name}_maximum"), type_="check")
            batch_op.drop_constraint(batch_op.f(f"ck_stack_{name}_minimum"), type_="check")
            batch_op.drop_column(name)

"""The status of a scenario is column `status` again, as readers outside know it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.alter_column("scenario_status_code", new_column_name="status")


def downgrade() -> None:
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.alter_column("status", new_column_name="scenario_status_code")

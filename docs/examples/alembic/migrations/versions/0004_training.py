"""A table for trainings: masked orders, without their customers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    op.create_table(
        "training_orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("total", sa.Numeric(10, 2)),
    )
    op.copy_masked(
        "orders",
        "training_orders",
        columns={"id": "keep", "customer_id": "keep", "total": "keep"},
        where="total > 5",
    )


def downgrade():
    op.drop_table("training_orders")

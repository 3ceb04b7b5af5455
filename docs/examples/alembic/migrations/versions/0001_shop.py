"""Customers, their orders and their badges."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(120), nullable=False, unique=True),
        sa.Column("name", sa.String(120)),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "customer_id", sa.Integer, sa.ForeignKey("customers.id"), nullable=False, index=True
        ),
        sa.Column("total", sa.Numeric(10, 2), nullable=False),
    )
    op.create_table(
        "badges",
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customers.id"), primary_key=True),
        sa.Column("colour", sa.String(20), nullable=False),
    )


def downgrade():
    op.drop_table("badges")
    op.drop_table("orders")
    op.drop_table("customers")

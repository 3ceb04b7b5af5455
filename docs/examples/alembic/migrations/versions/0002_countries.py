"""Customers have a country."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("customers", sa.Column("country", sa.String(2)))
    op.execute("UPDATE customers SET country = 'DE'")


def downgrade():
    op.drop_column("customers", "country")

"""Nobody is left in this copy of the shop."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

RULES = Path(__file__).parents[2] / "rules.yaml"


def upgrade():
    op.mask_table("customers", rules=RULES)


def downgrade():
    """Do nothing: what is masked cannot be brought back, and the table's marker says so."""

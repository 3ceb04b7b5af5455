"""Keep `alembic revision --autogenerate` from taking masker's marker for a comment of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate import comparators
from alembic.operations.ops import CreateTableCommentOp, DropTableCommentOp

from masker.engines.in_place import without_marker

if TYPE_CHECKING:
    from alembic.operations.ops import ModifyTableOps


@comparators.dispatch_for("table")
def overlook_marker(
    context: Any,
    found: ModifyTableOps,
    schema: str | None,
    name: str,
    there: Any,
    wanted: Any,
) -> None:
    """Compare a table's comment without the marker, which no model knows.

    `there` is the table as it was read, `wanted` the model's. Alembic asks from 1.18 on before it
    compares comments, and until then afterwards.
    """
    del context, schema, name
    if there is None or wanted is None:
        return
    there.comment = without_marker(there.comment)
    kept = [
        operation
        for operation in found.ops
        if not isinstance(operation, CreateTableCommentOp | DropTableCommentOp)
        or (there.comment or None) != (wanted.comment or None)
    ]
    found.ops[:] = kept

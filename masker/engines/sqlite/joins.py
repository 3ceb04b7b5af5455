"""How SQLite compares along a foreign key, written as a condition."""

from __future__ import annotations

from masker.catalog import Column, Kind, Table
from masker.catalog.links import Link
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.session import Session, quote
from masker.engines.sqlite.types import Affinity, affinity_of

_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})


def equal(link: Link, child: Table, parent: Table) -> str:
    """Return the condition that ties a row `c` of the child to a row `p` of the parent.

    Along a foreign key the parent's collation and affinity decide; a reference that the schema
    does not declare may cross types, and is compared as text then.
    https://www.sqlite.org/foreignkeys.html, "Required and Suggested Database Indexes"
    """
    return " AND ".join(
        _equal(child.column(mine), parent.column(theirs), declared=bool(link.constraint))
        for mine, theirs in zip(link.columns, link.parent_columns, strict=True)
    )


def _equal(mine: Column, theirs: Column, *, declared: bool) -> str:
    left, right = f"p.{quote(theirs.name)}", f"c.{quote(mine.name)}"
    one, other = affinity_of(theirs.type), affinity_of(mine.type)
    if not declared and not _alike(mine, theirs):
        return _as_texts(left, one, right, other)
    if one is not other and Affinity.BLOB in {one, other}:
        right = f"+{right}"  # without an affinity of its own, the parent's is applied
    return f"{left} = {right}"  # the collation is that of the left side


def _as_texts(left: str, one: Affinity, right: str, other: Affinity) -> str:
    """Return the condition that two values are equal as texts.

    Where one side is a number and the other a text, it is put so that an index of either serves.
    """
    if Affinity.TEXT not in {one, other} or Affinity.BLOB in {one, other}:
        return f"CAST({left} AS TEXT) = CAST({right} AS TEXT)"
    text, number = (left, right) if one is Affinity.TEXT else (right, left)
    # The first part alone would take `1.0` for 1.
    return f"{left} = {right} AND {text} = CAST({number} AS TEXT)"


def _alike(one: Column, other: Column) -> bool:
    kinds = {one.type.kind, other.type.kind}
    return affinity_of(one.type) is affinity_of(other.type) or kinds <= _NUMBERS


def breaks(session: Session, link: Link, child: Table, parent: Table) -> bool:
    """Tell whether a row of the child refers to a parent that is not there."""
    present = " AND ".join(f"c.{quote(column)} IS NOT NULL" for column in link.columns)
    found = session.one(
        f"SELECT 1 FROM {lay.sql(child.name)} c WHERE {present} AND NOT EXISTS "
        f"(SELECT 1 FROM {lay.sql(parent.name)} p WHERE {equal(link, child, parent)}) LIMIT 1"
    )
    return found is not None

"""Put what was laid aside into tables where they lie.

SQLite drops no constraint, so keys always go through a range aside, in two passes: columns that
refer to them before the keys themselves, so that no action of a foreign key finds a row to act on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from masker.catalog import TableName
from masker.engines.in_place import Change
from masker.engines.sqlite import aside
from masker.engines.sqlite.layout import Layout, sql
from masker.engines.sqlite.session import Session, quote
from masker.errors import DataError

# Not what the table says of a conflict: REPLACE would delete the other row, IGNORE leave a key in
# its range aside, ROLLBACK end the caller's transaction.
_UPDATE = "UPDATE OR ABORT"


class Rewrite:
    """The statements that change tables.

    `laid` names the temporary table of each one's masked values, `layouts` tell its rows apart.
    """

    def __init__(
        self, session: Session, laid: Mapping[TableName, str], layouts: Mapping[TableName, Layout]
    ) -> None:
        self._session = session
        self._laid = laid
        self._layouts = layouts

    def refuse_taken(self, changes: Sequence[Change]) -> None:
        """Raise where values stand in the range aside, or a new one cannot be moved there."""
        for change in changes:
            for at, column in enumerate(change.columns):
                if column.name not in change.keyed:
                    continue
                laid = f"temp.{self._laid[change.table.name]}"
                new = f"m.n{at}"
                if self._session.one(
                    f"SELECT EXISTS (SELECT 1 FROM {sql(change.table.name)} "
                    f"WHERE {aside.taken(quote(column.name))}) OR EXISTS "
                    f"(SELECT 1 FROM {laid} m WHERE {aside.taken(new)} OR NOT {aside.movable(new)})"
                ):
                    subject = f"{change.table.name}.{column.name}"
                    raise DataError(
                        f"`{subject}` holds values that leave no range to move keys aside",
                        help="keep the column, or give it another transformer",
                        code="no-range-aside",
                        subject=subject,
                    )

    def to_aside(self, changes: Sequence[Change]) -> None:
        """Change every row; keys go to their range aside."""
        for change, number in _children_first(changes):
            self._write(change, number)

    def back(self, changes: Sequence[Change]) -> None:
        """Bring keys back from their range aside."""
        for change, number in _children_first(changes):
            self._shift_back(change, number)

    def _write(self, change: Change, number: int) -> None:
        """Change one share of a table's columns; keys go to their range aside."""
        marks = marks_of(self._layouts[change.table.name])
        at = sum(len(share.columns) for share in change.shares[:number])
        sets = []
        for column in change.shares[number].columns:
            value = f"m.n{at}"
            value = aside.out(value) if column in change.keyed else value
            sets.append(f"{quote(column)} = {value}")
            at += 1
        table = change.table.name
        same = " AND ".join(
            f"{quote(table.name, mark)} = m.k{place}" for place, mark in enumerate(marks)
        )
        laid = f"temp.{self._laid[table]}"
        made = self._session.execute(
            f"{_UPDATE} {sql(table)} SET {', '.join(sets)} FROM {laid} AS m "
            f"WHERE {same} AND m.s{number}"
        )
        wanted = self._session.one(f"SELECT count(*) FROM {laid} WHERE s{number}")
        if made != wanted:
            raise DataError(
                f"SQLite changed {made:,} rows instead of {wanted:,}",
                help="does an application's collation or function tell the table's keys apart?",
                code="rows-not-changed",
                subject=str(table),
            )

    def _shift_back(self, change: Change, number: int) -> None:
        mine = [name for name in change.shares[number].columns if name in change.keyed]
        if not mine:
            return
        sets = ", ".join(f"{quote(name)} = {aside.back(quote(name))}" for name in mine)
        anywhere = " OR ".join(aside.taken(quote(name)) for name in mine)
        self._session.execute(f"{_UPDATE} {sql(change.table.name)} SET {sets} WHERE {anywhere}")


def marks_of(made: Layout) -> list[str]:
    """Return the columns that tell a row from all others."""
    return [made.rowid] if made.rowid is not None else [name for name, _ in made.key]


def _children_first(changes: Sequence[Change]) -> Iterator[tuple[Change, int]]:
    """Yield the shares that refer to others first: then nothing refers to a key that moves."""
    every = [(change, at) for change in changes for at in range(len(change.shares))]
    following = [(change, at) for change, at in every if change.shares[at].follows]
    yield from reversed(following)
    yield from ((change, at) for change, at in every if not change.shares[at].follows)

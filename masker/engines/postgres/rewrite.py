"""Put what was laid aside into tables where they lie: all tables in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from masker.catalog import Column, Kind, Table, TableName
from masker.engines.in_place import Change
from masker.engines.postgres.aside import Aside, around
from masker.engines.postgres.session import Session, quote
from masker.errors import DataError

_TEXTS = frozenset({"text", "varchar", "int2", "int4", "int8", "numeric", "uuid", "date"})
Shifts = Mapping[tuple[TableName, str], Aside]


class Rewrite:
    """The statements that change tables.

    `laid` names the temporary table of each one's masked values, `chosen` those of which not all
    rows change.
    """

    def __init__(
        self, session: Session, laid: Mapping[TableName, str], chosen: Mapping[TableName, str]
    ) -> None:
        self._session = session
        self._laid = laid
        self._chosen = chosen

    def in_one(self, changes: Sequence[Change], shifts: Shifts) -> dict[TableName, int]:
        """Change all tables in one statement, at whose end foreign keys are looked at."""
        parts = []
        for number, change in enumerate(changes):
            table = change.table.name
            sets = []
            for at, (share, column) in enumerate(_by_share(change)):
                value = f"m.n{at}" + cast_sql(column)
                if (table, column.name) in shifts:
                    value = around(shifts[table, column.name].out, f"({value})")
                name = quote(column.name)
                if table in self._chosen and len(change.shares) > 1:
                    value = f"CASE WHEN m.s{share} THEN {value} ELSE t.{name} END"
                sets.append(f"{name} = {value}")
            parts.append(
                f"u{number} AS (UPDATE {only(change.table)} t SET {', '.join(sets)} "
                f"FROM pg_temp.{self._laid[table]} m "
                "WHERE t.ctid = m.tid AND t.tableoid = m.part RETURNING 1)"
            )
        counted = ", ".join(f"(SELECT count(*) FROM u{number})" for number in range(len(parts)))
        laid = ", ".join(
            f"(SELECT count(*) FROM pg_temp.{self._laid[change.table.name]})" for change in changes
        )
        ((*every,),) = self._session.query(f"WITH {', '.join(parts)} SELECT {counted}, {laid}")
        made, wanted = every[: len(changes)], every[len(changes) :]
        if made != wanted:
            raise DataError(
                f"the server changed {sum(made):,} rows instead of {sum(wanted):,}",
                help="a trigger or rule of the tables keeps rows from being changed",
                code="rows-not-changed",
            )
        return {change.table.name: count for change, count in zip(changes, made, strict=True)}

    def refuse_taken(self, changes: Sequence[Change], shifts: Shifts) -> None:
        """Raise where values stand in the range aside, or a new one cannot be moved there."""
        for change in changes:
            for at, column in enumerate(change.columns):
                shift = shifts.get((change.table.name, column.name))
                if shift is None:
                    continue
                laid = f"pg_temp.{self._laid[change.table.name]}"
                new = f"(m.n{at}{cast_sql(column)})"
                taken = around(shift.taken, f"t.{quote(column.name)}")
                if self._session.one(
                    f"SELECT EXISTS (SELECT FROM {only(change.table)} t WHERE {taken}) "
                    f"OR EXISTS (SELECT FROM {laid} m WHERE {around(shift.taken, new)} "
                    f"OR NOT {around(shift.movable, new)})"
                ):
                    raise _taken(change, column)

    def shift_back(self, changes: Sequence[Change], shifts: Shifts) -> None:
        """Bring keys back from their range aside."""
        parts = []
        for number, change in enumerate(changes):
            table = change.table.name
            mine = {name: shifts[table, name] for name in change.keyed if (table, name) in shifts}
            if not mine:
                continue
            sets, anywhere = [], []
            for name, shift in mine.items():
                value = f"t.{quote(name)}"
                taken = around(shift.taken, value)
                back = f"({around(shift.back, value)}){cast_sql(change.table.column(name))}"
                sets.append(f"{quote(name)} = CASE WHEN {taken} THEN {back} ELSE {value} END")
                anywhere.append(taken)
            parts.append(
                f"u{number} AS (UPDATE {only(change.table)} t SET {', '.join(sets)} "
                f"WHERE {' OR '.join(anywhere)})"
            )
        self._session.execute(f"WITH {', '.join(parts)} SELECT 1")


def _by_share(change: Change) -> Iterator[tuple[int, Column]]:
    for number, share in enumerate(change.shares):
        for name in share.columns:
            yield number, change.table.column(name)


def table_sql(table: TableName) -> str:
    """Return a table's name as SQL."""
    return quote(table.schema, table.name)


def only(table: Table) -> str:
    """Return a table by itself; a partitioned one has its rows in its partitions."""
    word = "" if table.partitioning is not None else "ONLY "
    return f"{word}{table_sql(table.name)}"


def text_sql(value: str, column: Column) -> str:
    """Return a value as the type's own output spells it, which a cast to text does not always."""
    if column.type.base in _TEXTS and column.type.kind is not Kind.ENUM:
        return f"{value}::text"
    return f"CASE WHEN {value} IS NOT NULL THEN pg_catalog.format('%s', {value}) END"


def cast_sql(column: Column) -> str:
    """Return the cast from text; plain text is left to the assignment, which cuts nothing off."""
    plain = column.type.kind is Kind.TEXT and column.type.base in {"text", "varchar", "bpchar"}
    return "" if plain and column.type.domain is None else f"::{column.type.name}"


def _taken(change: Change, column: Column) -> DataError:
    subject = f"{change.table.name}.{column.name}"
    return DataError(
        f"`{subject}` holds values in the range in which masked keys stand for a moment",
        help="leave `ddl=False` out",
        code="no-range-aside",
        subject=subject,
    )

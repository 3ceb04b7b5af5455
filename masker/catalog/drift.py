"""Drift: what became different between two catalogs of one database, as facts and sentences."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from masker.catalog.model import Catalog, Column, Table, TableName


class Change(enum.StrEnum):
    """What happened to a table, a column or a key."""

    NEW = "new"
    DROPPED = "dropped"
    TYPE = "type"
    NULLABILITY = "nullability"
    GENERATED = "generated"
    DEFINITION = "definition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference. `what` is `table`, `column`, `key` or `foreign key`; `name` none for tables.

    `before` and `after` tell the type, the nullability or the definition where these changed.
    """

    change: Change
    what: str
    table: TableName
    name: str = ""
    before: str = ""
    after: str = ""

    @property
    def subject(self) -> str:
        """Return the place in dots: schema, table and, if it is one, column or key."""
        return f"{self.table}.{self.name}" if self.name else str(self.table)

    def __str__(self) -> str:
        of = f"{self.what} `{self.name}` of table `{self.table}`" if self.name else ""
        place = of or f"table `{self.table}`"
        if self.change in {Change.NEW, Change.DROPPED}:
            told = f" ({self.before or self.after})" if self.before or self.after else ""
            return f"{place} is {self.change}{told}"
        return f"{place}: {self.change} was {self.before}, is {self.after}"


def drift(old: Catalog, new: Catalog) -> tuple[Drift, ...]:
    """Return all differences between two catalogs, by table name, columns in the table's order."""
    before = {table.name: table for table in old.tables}
    after = {table.name: table for table in new.tables}
    found: list[Drift] = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            found.append(Drift(change=Change.DROPPED, what="table", table=name))
        elif name not in before:
            found.append(Drift(change=Change.NEW, what="table", table=name))
        else:
            found.extend(_within(before[name], after[name]))
    return tuple(found)


def _within(old: Table, new: Table) -> Iterator[Drift]:
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    for name in dict.fromkeys((*before, *after)):
        yield from _column(new.name, before.get(name), after.get(name))
    yield from _declared(new.name, "key", _keys(old), _keys(new))
    yield from _declared(new.name, "foreign key", _foreign_keys(old), _foreign_keys(new))


def _column(table: TableName, old: Column | None, new: Column | None) -> Iterator[Drift]:
    if new is None:
        if old is not None:
            yield Drift(change=Change.DROPPED, what="column", table=table, name=old.name)
    elif old is None:
        yield Drift(
            change=Change.NEW, what="column", table=table, name=new.name, after=new.type.name
        )
    else:
        facts = (
            (Change.TYPE, _type(old), _type(new)),
            (Change.NULLABILITY, _nullability(old), _nullability(new)),
            (Change.GENERATED, _generated(old), _generated(new)),
        )
        for change, was, is_now in facts:
            if was != is_now:
                yield Drift(
                    change=change,
                    what="column",
                    table=table,
                    name=new.name,
                    before=was,
                    after=is_now,
                )


def _declared(
    table: TableName, what: str, old: dict[str, str], new: dict[str, str]
) -> Iterator[Drift]:
    for name in sorted(old.keys() | new.keys()):
        was, is_now = old.get(name, ""), new.get(name, "")
        if was == is_now:
            continue
        change = Change.DEFINITION if was and is_now else Change.NEW if is_now else Change.DROPPED
        yield Drift(change=change, what=what, table=table, name=name, before=was, after=is_now)


def _type(column: Column) -> str:
    labels = f" ({', '.join(column.type.labels)})" if column.type.labels else ""
    return column.type.name + labels


def _nullability(column: Column) -> str:
    return "nullable" if column.nullable else "not null"


def _generated(column: Column) -> str:
    return "generated" if column.generated else "stored"


def _keys(table: Table) -> dict[str, str]:
    told = {}
    for key in table.keys:
        words = ["primary key" if key.primary else "unique", f"({', '.join(key.columns)})"]
        words += ["by expression"] * key.expression + ["where …"] * key.partial
        told[key.name] = " ".join(words)
    return told


def _foreign_keys(table: Table) -> dict[str, str]:
    return {
        key.name: f"({', '.join(key.columns)}) to {key.parent} ({', '.join(key.parent_columns)})"
        for key in table.foreign_keys
    }

"""From one engine to another: what a definition says, as a database of the other kind has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, runtime_checkable

from masker.catalog import Catalog, TableName
from masker.engines.ddl import Ddl
from masker.findings import Findings

# Each module, of the engine that is entered, has `cross(catalog, definition, …)`.
CROSSINGS = {("postgres", "sqlite"): "masker.engines.sqlite.crossing"}


@runtime_checkable
class Departure(Protocol):
    """A definition that another engine can read: what its catalog does not say of it."""

    def clauses(self) -> Mapping[str, str]:
        """Return what follows REFERENCES of each foreign key, by `schema.table name`."""
        ...

    def objects(self) -> Mapping[str, Sequence[str]]:
        """Return what is in no table, by its kind in the plural (`views`): the names."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """A database as the other engine has it.

    `tables` leads from the tables of the one to those of the other, partitions to what their root
    became. A table that is not in it did not cross. `findings` tell what was left out.
    """

    catalog: Catalog
    ddl: Ddl
    tables: Mapping[TableName, TableName]
    findings: Findings


def crosses(source: str, target: str) -> bool:
    """Tell whether there is a way from one engine to another."""
    return (source, target) in CROSSINGS


def cross(
    catalog: Catalog,
    definition: Departure,
    *,
    target: str,
    stored: Mapping[TableName, Sequence[str]],
    excluded: Collection[TableName],
) -> Crossed:
    """Return a database as the engine `target` has it; ConfigError where names clash.

    `stored` are the columns of which there are values, by table; `excluded` tables do not cross.
    """
    module = import_module(CROSSINGS[catalog.engine, target])
    made: Crossed = module.cross(catalog, definition, stored=stored, excluded=excluded)
    return made

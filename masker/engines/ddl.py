"""What a database is built from besides its rows: read from a source, kept in a snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from masker.catalog import TableName
from masker.engines.engine import Source
from masker.errors import ConfigError
from masker.findings import Findings

# Each module has `read(source, …)`, `of_facts(facts)`, `rows_around(table, columns)`, `SCRIPTED`.
DDLS = {"postgres": "masker.engines.postgres.ddl", "sqlite": "masker.engines.sqlite.ddl"}


class Ddl(Protocol):
    """The data definition of one database at one time; it holds no row."""

    @property
    def findings(self) -> Findings:
        """Return what was left out of it."""
        ...

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield (what is built, its statement), for whoever searches all that people wrote."""
        ...

    def scripts(self, sequences: Sequence[tuple[TableName, int | None, bool]]) -> tuple[str, str]:
        """Return what runs before the rows and after them, as scripts for people.

        `sequences` are (name, last value, whether it was given out), as in a plan.
        """
        ...

    def as_facts(self) -> dict[str, Any]:
        """Return it as a JSON object, from which `of_facts` makes it again."""
        ...


# What a target is built like: a database that is there, or what a snapshot says of one.
Origin = Source | Ddl


def read_ddl(
    source: Source,
    *,
    engine: str,
    schemas: Sequence[str],
    exclude: Collection[TableName],
    tools: Path | None,
) -> Ddl:
    """Read the definition of a source in its snapshot, without the tables in `exclude`.

    `tools` is the folder of the engine's own programs where it needs any.
    """
    made: Ddl = _module(engine).read(source, schemas=schemas, exclude=exclude, tools=tools)
    return made


def ddl_of(facts: Mapping[str, Any], *, engine: str) -> Ddl:
    """Return a definition from what `as_facts` gave; ConfigError where it is none."""
    try:
        made: Ddl = _module(engine).of_facts(facts)
    except (KeyError, TypeError, ValueError):
        raise ConfigError(
            "the definition of the database in the snapshot cannot be read",
            help="was it written by another version of masker?",
            code="no-snapshot",
        ) from None
    return made


def is_scripted(engine: str) -> bool:
    """Tell whether rows of this engine can stand in a script as its blocks have them."""
    return bool(_module(engine).SCRIPTED)


def rows_around(engine: str, table: TableName, columns: Sequence[str]) -> tuple[bytes, bytes]:
    """Return the lines before and after a block of rows in a script of this engine."""
    lines: tuple[bytes, bytes] = _module(engine).rows_around(table, columns)
    return lines


def _module(engine: str) -> Any:
    if engine not in DDLS:
        raise ConfigError(
            f"snapshots of `{engine}` are not there yet",
            help="docs/limits.md lists what is still to come",
            code="not-yet",
            subject=engine,
        )
    return import_module(DDLS[engine])

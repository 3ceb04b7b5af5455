"""`op.mask_table` and `op.copy_masked`: the library's doors, on the migration's own connection."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

try:
    from alembic.operations import MigrateOperation, Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.util import CommandError
except ImportError:  # the one place that needs it; masker itself does not
    raise ImportError(
        "`masker.migrations` needs Alembic: pip install 'masker[migrations]'"
    ) from None

from masker.errors import ConfigError
from masker.findings import Severity
from masker.keys import Keyring
from masker.pipelines.masker import Masker
from masker.pipelines.table import MaskedTable

Rules = Path | str | Masker | Mapping[str, Mapping[str, object]]
# A project's alembic.ini shows what `alembic.*` says, and hides what others say below a warning.
_log = logging.getLogger("alembic.masker")
_drawn: WeakKeyDictionary[MigrationContext, Keyring] = WeakKeyDictionary()


class OfflineError(ConfigError, CommandError):
    """The migration is written as SQL (`--sql`), and masking needs the rows themselves."""


class _Masking(MigrateOperation):
    """What both operations are told; how the values of a table are masked."""

    def __init__(
        self,
        table: str,
        *,
        schema: str | None,
        rules: Rules | None,
        columns: Mapping[str, object] | None,
        packs: Sequence[str],
        key: str | None,
        locale: str,
        countries: Sequence[str],
        accept: Sequence[str],
        **options: Any,
    ) -> None:
        self.table = f"{schema}.{table}" if schema else table
        self.rules = rules
        self.columns = columns
        self.written: dict[str, Any] = {
            "packs": packs,
            "key": key,
            "locale": locale,
            "countries": countries,
            "accept": accept,
        }
        self.options = options

    def masker(self, context: MigrationContext) -> Masker:
        """Return the Masker; without any key one is drawn, the same for a whole `upgrade`."""
        if (self.rules is None) == (self.columns is None):
            raise ConfigError(
                f"`{self.table}` needs `rules` or `columns`, one of them",
                help='rules="pipeline.yaml", or columns={"email": "email", "id": "keep"}',
                code="rules-or-columns",
                subject=self.table,
            )
        if isinstance(self.rules, Masker):
            return self.rules
        given = {self.table: self.columns} if self.columns is not None else self.rules
        rules = cast("Path | str | Mapping[str, Mapping[str, object]]", given)
        made = Masker.from_rules(rules, **self.written)
        if made.one_way:
            drawn = _drawn.setdefault(context, Keyring.ephemeral())
            made = Masker.from_rules(rules, **{**self.written, "key": drawn})
        return made


@Operations.register_operation("mask_table")
class MaskTable(_Masking):
    """Mask a table where it lies."""

    @classmethod
    def mask_table(
        cls,
        operations: Operations,
        table: str,
        *,
        schema: str | None = None,
        rules: Rules | None = None,
        columns: Mapping[str, object] | None = None,
        packs: Sequence[str] = (),
        key: str | None = None,
        locale: str = "en_US",
        countries: Sequence[str] = (),
        accept: Sequence[str] = (),
        where: str | None = None,
        again: bool = False,
        ddl: bool = True,
        allow: Sequence[str] = (),
    ) -> MaskedTable:
        """Mask a table inside the migration's transaction, see `Masker.mask_table`.

        `rules` is a pipeline's file, a `Masker`, or verdicts by table and column; `columns` are
        verdicts for this table alone. The rest is `Masker.from_rules`'s and `mask_table`'s own.
        """
        operation = cls(
            table,
            schema=schema,
            rules=rules,
            columns=columns,
            packs=packs,
            key=key,
            locale=locale,
            countries=countries,
            accept=accept,
            where=where,
            again=again,
            ddl=ddl,
            allow=allow,
        )
        return cast("MaskedTable", operations.invoke(operation))


@Operations.register_operation("copy_masked")
class CopyMasked(_Masking):
    """Copy rows of a table to another one, masked on the way."""

    @classmethod
    def copy_masked(
        cls,
        operations: Operations,
        table: str,
        into: str,
        *,
        source: Any = None,
        schema: str | None = None,
        rules: Rules | None = None,
        columns: Mapping[str, object] | None = None,
        packs: Sequence[str] = (),
        key: str | None = None,
        locale: str = "en_US",
        countries: Sequence[str] = (),
        accept: Sequence[str] = (),
        where: str | None = None,
        again: bool = False,
        allow: Sequence[str] = (),
    ) -> MaskedTable:
        """Add masked rows of a table to `into`, which exists, by the columns that both have.

        Rows are read from `source`, another connection, or from the migration's own. `rules`,
        `columns`, `schema` and `where` are about `table`; see `Masker.copy_table`.
        """
        operation = cls(
            table,
            schema=schema,
            rules=rules,
            columns=columns,
            packs=packs,
            key=key,
            locale=locale,
            countries=countries,
            accept=accept,
            into=into,
            source=source,
            where=where,
            again=again,
            allow=allow,
        )
        return cast("MaskedTable", operations.invoke(operation))


@Operations.implementation_for(MaskTable)
def _mask(operations: Operations, operation: MaskTable) -> MaskedTable:
    masker = operation.masker(_online(operations, "op.mask_table", operation.table))
    return _told(masker.mask_table(operations.get_bind(), operation.table, **operation.options))


@Operations.implementation_for(CopyMasked)
def _copy(operations: Operations, operation: CopyMasked) -> MaskedTable:
    masker = operation.masker(_online(operations, "op.copy_masked", operation.table))
    return _told(masker.copy_table(operations.get_bind(), operation.table, **operation.options))


def _told(made: MaskedTable) -> MaskedTable:
    """Log what was done, and what a person should know of it; no value."""
    _log.info("%s", made)
    for finding in made.findings:
        _log.log(
            logging.WARNING if finding.severity >= Severity.WARNING else logging.INFO, "%s", finding
        )
    return made


def _online(operations: Operations, name: str, table: str) -> MigrationContext:
    context = operations.get_context()
    if context.as_sql:
        raise OfflineError(
            f'`{name}("{table}")` reads and writes rows, which no script of SQL can hold: it does '
            "not run with `--sql`; run `alembic upgrade` against the database itself",
            subject=table,
        )
    return context

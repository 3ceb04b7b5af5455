"""The library's door: one object that masks frames, rows, values and tables by the same rules."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from masker.engines.lent import Connection, lent
from masker.errors import ConfigError, DataError
from masker.keys import Keyring
from masker.mask import BatchMasker
from masker.pipelines.foreign_frames import as_polars
from masker.pipelines.frames import mask_columns, step_of
from masker.pipelines.planning import key_of
from masker.pipelines.table import MaskedTable, copy_masked, mask_in_place
from masker.pipelines.written import Written, read_rules, write_rules
from masker.plan.model import Step
from masker.rules.pipeline import Pipeline

FrameT = TypeVar("FrameT")  # a polars or pandas DataFrame, an Arrow Table or RecordBatch
AnyConnection = Connection | Any  # of SQLAlchemy; or of psycopg, psycopg2 or sqlite3 itself
Verdicts = Mapping[str, Mapping[str, object]]
_ROWS = 10_000


class Masker:
    """Mask data frames, rows, values and tables by the same rules, keys and domains as a pipeline.

    `Masker("pipeline.yaml")` takes a pipeline's rules; `Masker(columns={...})` takes verdicts
    written as in a pipeline: `{"customers": {"id": "keep", "email": "email"}}`, and `rules` names
    packs besides. The key is `key`, the pipeline's, or the environment's; without one masking is
    one-way and ends with the object. One object per thread.
    """

    def __init__(
        self,
        pipeline: Path | str | Pipeline | None = None,
        *,
        columns: Verdicts | None = None,
        rules: Sequence[str] = (),
        key: str | Keyring | None = None,
        locale: str = "en_US",
        countries: Sequence[str] = (),
        accept: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        environ = os.environ if environ is None else environ
        self._rules: Written = (
            read_rules(pipeline, environ)
            if pipeline is not None
            else write_rules(
                columns or {}, packs=rules, locale=locale, countries=countries, accept=accept
            )
        )
        if isinstance(key, Keyring):
            self._keys = key
        else:
            self._keys = Keyring.parse(key) if key else key_of(self._rules.pipeline, environ)
        self._steps: dict[tuple[object, ...], tuple[Step, BatchMasker]] = {}

    @classmethod
    def from_rules(
        cls,
        rules: Path | str | Pipeline | Verdicts,
        *,
        packs: Sequence[str] = (),
        key: str | Keyring | None = None,
        locale: str = "en_US",
        countries: Sequence[str] = (),
        accept: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> Masker:
        """Make a Masker from a pipeline's file or from verdicts by table and column.

        `packs` are rule packs by name, for columns that the verdicts do not name. With a file,
        packs, locale, countries and acceptances are the file's own: ConfigError for others.
        """
        if isinstance(rules, Mapping):
            return cls(
                columns=rules,
                rules=packs,
                key=key,
                locale=locale,
                countries=countries,
                accept=accept,
                environ=environ,
            )
        if packs or countries or accept or locale != "en_US":
            raise ConfigError(
                "`packs`, `locale`, `countries` and `accept` go with verdicts given in Python",
                help="write them into the pipeline's file",
                code="rules-of-file",
            )
        return cls(rules, key=key, environ=environ)

    @property
    def key_id(self) -> str:
        """Return the id of the key, which may be shown."""
        return self._keys.id

    @property
    def one_way(self) -> bool:
        """Tell whether the key was drawn for this object, so that nobody can repeat the masking."""
        return self._keys.one_way

    # -- in memory -------------------------------------------------------------------------------

    def mask_frame(self, frame: FrameT, *, table: str = "frame") -> FrameT:
        """Return a frame of the same kind, shape, columns and types with its columns masked.

        Takes polars and pandas DataFrames, Arrow Tables and RecordBatches. `table` names the rules
        that apply, bare or with its schema; of a pipeline's file the frame may have some columns
        only, verdicts given in Python must each find theirs. Named levels of a pandas index are
        columns. UnsafeError names every column without a verdict, and an index without a name that
        does not count rows; ConfigError what does not fit, DataError values that a type cannot hold
        after masking.
        """
        plain, give = as_polars(frame)
        step, masker = self._step(plain.schema, table, rows=plain.height)
        masked, new = mask_columns(plain, step, masker)
        made: FrameT = give(masked, new)
        return made

    def mask_rows(
        self, rows: Iterable[Mapping[str, Any]], *, table: str = "frame", batch: int = _ROWS
    ) -> Iterator[dict[str, Any]]:
        """Yield rows with the same keys in the same order, masked.

        Lazy: at most `batch` rows are read ahead and held. A row may lack columns that another one
        has. Values keep their Python type. Errors are `mask_frame`'s, and come with the batch that
        has them: rows before it are yielded already. A verdict for a column that no row has is no
        error here.
        """
        waiting = iter(rows)
        while held := list(islice(waiting, max(1, batch))):
            yield from self._mask_batch(held, table)

    def mask_value(self, value: Any, column: str, *, table: str = "frame") -> Any:
        """Return one value masked as a column of a table; None stays None.

        Equal values give equal fakes, here and in frames and tables. ConfigError where the verdict
        reads other columns of the row: those need `mask_rows`.
        """
        frame, odd = _framed([{column: value}])
        step, masker = self._step(frame.schema, table, rows=1, alone=True)
        _refuse_odd(odd, step)
        if not step.masked:
            return value
        return mask_columns(frame, step, masker)[0][column][0]

    def _mask_batch(
        self, rows: Sequence[Mapping[str, Any]], table: str
    ) -> Iterator[dict[str, Any]]:
        frame, odd = _framed(rows)
        step, masker = self._step(frame.schema, table, rows=frame.height, alone=True)
        _refuse_odd(odd, step)
        masked, new = mask_columns(frame, step, masker)
        values = {name: masked[name].to_list() for name in new}
        for at, row in enumerate(rows):
            yield {name: values[name][at] if name in values else row[name] for name in row}

    def _step(
        self, schema: Mapping[str, pl.DataType], table: str, *, rows: int, alone: bool = False
    ) -> tuple[Step, BatchMasker]:
        known = (table, alone, tuple((name, str(dtype)) for name, dtype in schema.items()))
        if known not in self._steps:
            step = step_of(
                self._rules, schema, table=table, keys=self._keys, rows=rows, alone=alone
            )
            self._steps[known] = (step, BatchMasker(step, keys=self._keys))
        return self._steps[known]

    # -- in a database ---------------------------------------------------------------------------

    def mask_table(
        self,
        connection: AnyConnection,
        table: str,
        *,
        where: str | None = None,
        again: bool = False,
        ddl: bool = True,
        allow: Sequence[str] = (),
    ) -> MaskedTable:
        """Mask a table where it lies, inside the caller's transaction, and never commit.

        `connection` is SQLAlchemy's, on PostgreSQL or SQLite, or one of psycopg, psycopg2 or
        sqlite3. Every column needs a verdict (UnsafeError names those that have none, before
        anything is touched). Keys are masked with their table, and all foreign keys that refer to
        them follow in theirs. `where` is a condition in SQL: only rows that meet it change.

        On PostgreSQL constraints on masked keys are dropped and created again inside the
        transaction; with `ddl=False` nothing is dropped, and the update goes through a range aside
        in two passes, as it always does on SQLite.

        A marker makes a second call an UnsafeError, unless `again`. A connection that looks like
        production is refused unless `allow` holds `production-name`, a standby or copy of the
        pipeline's source unless it holds `shared-identity`; the source itself is refused always,
        and asked for that, three seconds at most. DataError: a constraint does not hold; nothing
        was changed then.
        """
        return mask_in_place(
            lent(connection),
            table,
            rules=self._rules,
            keys=self._keys,
            where=where,
            again=again,
            ddl=ddl,
            allow=frozenset(allow),
        )

    def copy_table(
        self,
        connection: AnyConnection,
        table: str,
        *,
        into: str,
        source: AnyConnection | None = None,
        where: str | None = None,
        again: bool = False,
        allow: Sequence[str] = (),
    ) -> MaskedTable:
        """Add masked rows of a table to another one that exists, by the columns that both have.

        `connection` is the one that is written, inside the caller's transaction; rows are read from
        `source`, or from the same connection. Rules, every column's verdict and `where` are those
        of `table`. Foreign keys are masked as the keys that they refer to, where the rules know
        these. Returns what `mask_table` does; a second copy into the same table is an UnsafeError
        unless `again`.
        """
        target = lent(connection)
        shared = source is None or source is connection
        return copy_masked(
            target if shared else lent(source),
            target,
            table,
            into,
            rules=self._rules,
            keys=self._keys,
            where=where,
            again=again,
            allow=frozenset(allow),
        )


def _framed(rows: Sequence[Mapping[str, Any]]) -> tuple[pl.DataFrame, frozenset[str]]:
    """Return rows as a frame, and the columns that hold NaN or infinity as a Decimal, as text.

    DataError where a column holds values of several types, or of one that polars does not know.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns, odd = [], set()
    for name in names:
        values = [row.get(name) for row in rows]
        if any(isinstance(value, Decimal) and not value.is_finite() for value in values):
            odd.add(name)  # no decimal of polars can hold it: it panics
            values = [None if value is None else str(value) for value in values]
        try:
            columns.append(pl.Series(name, values, strict=True))
        except Exception:  # noqa: BLE001 - polars passes on whatever a value's own class raises
            kinds = sorted({type(value).__name__ for value in values if value is not None})
            raise DataError(
                f"the values of `{name}` are of several types or of none that masker knows: "
                + ", ".join(kinds),
                help="convert them before, such as to text",
                code="mixed-types",
                subject=name,
            ) from None
    return pl.DataFrame(columns), frozenset(odd)


def _refuse_odd(odd: frozenset[str], step: Step) -> None:
    """Raise DataError for numbers that are none, in columns that are masked."""
    for column in step.masked:
        if column.name in odd:
            raise DataError(
                f"the values of `{column.name}` hold NaN or infinity, which nothing masks",
                help="keep the column, or put None in their place",
                code="mixed-types",
                subject=column.name,
            )

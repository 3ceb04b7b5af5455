"""Mask frames in memory: the library's door for whoever has rows and no database to swap."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from masker.catalog import Catalog, Column, Kind, Table, TableName, Type
from masker.errors import ConfigError, DataError
from masker.findings import Findings
from masker.keys import Keyring
from masker.mask.batch import BatchMasker
from masker.pipelines.planning import key_of, make_plan, refuse
from masker.plan.model import Plan
from masker.rules.patterns import column_fit, is_glob, table_fit
from masker.rules.pipeline import Pipeline, load_pipeline, parse_pipeline

_KINDS: tuple[tuple[type[pl.DataType], Kind, str], ...] = (
    (pl.String, Kind.TEXT, "text"),
    (pl.Categorical, Kind.TEXT, "text"),
    (pl.Int8, Kind.INTEGER, "int2"),
    (pl.Int16, Kind.INTEGER, "int2"),
    (pl.Int32, Kind.INTEGER, "int4"),
    (pl.Int64, Kind.INTEGER, "int8"),
    (pl.UInt8, Kind.INTEGER, "int2"),
    (pl.UInt16, Kind.INTEGER, "int4"),
    (pl.UInt32, Kind.INTEGER, "int8"),
    (pl.UInt64, Kind.INTEGER, "int8"),
    (pl.Decimal, Kind.DECIMAL, "numeric"),
    (pl.Float32, Kind.FLOAT, "float4"),
    (pl.Float64, Kind.FLOAT, "float8"),
    (pl.Boolean, Kind.BOOLEAN, "bool"),
    (pl.Date, Kind.DATE, "date"),
    (pl.Datetime, Kind.TIMESTAMP, "timestamp"),
)


class Masker:
    """Mask data frames by the same rules, keys and domains as a pipeline.

    `Masker("pipeline.yaml")` takes a pipeline's rules; `Masker(columns={...})` takes verdicts
    written as in a pipeline: `{"customers": {"id": "keep", "email": "email"}}`. The key is `key`,
    the pipeline's, or the environment's; without one masking is one-way and ends with the object.
    """

    def __init__(
        self,
        pipeline: Path | str | Pipeline | None = None,
        *,
        columns: Mapping[str, Mapping[str, object]] | None = None,
        rules: Sequence[str] = (),
        key: str | None = None,
        locale: str = "en_US",
        accept: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        environ = os.environ if environ is None else environ
        if isinstance(pipeline, Pipeline):
            self._pipeline = pipeline
        elif pipeline is not None:
            self._pipeline = load_pipeline(Path(pipeline), environ=environ, lenient=True)
        else:
            self._pipeline = _pipeline(columns or {}, rules, locale, accept)
        self._of_file = pipeline is not None
        self._keys = Keyring.parse(key) if key else key_of(self._pipeline, environ)

    @property
    def key_id(self) -> str:
        """Return the id of the key, which may be shown."""
        return self._keys.id

    def mask_frame(self, frame: pl.DataFrame, *, table: str = "frame") -> pl.DataFrame:
        """Return a frame of the same shape, columns and types with its columns masked.

        `table` names the rules that apply, bare or with its schema; of a pipeline's file the frame
        may have some columns only. UnsafeError names every column without a verdict,
        ConfigError what does not fit, DataError values that a type cannot hold after masking.
        """
        if not isinstance(frame, pl.DataFrame):
            raise ConfigError(
                f"`mask_frame` takes a polars DataFrame, not {type(frame).__name__}",
                help="convert it: polars.from_pandas(frame), or frame.collect() of a LazyFrame",
            )
        plan = self._plan(frame, table)
        step = plan.steps[0]
        text = frame.select(_as_text(frame[column.name]) for column in step.moved)
        masked = BatchMasker(step, keys=self._keys)(text).frame
        return frame.with_columns(
            _as_before(masked[column.name], frame.schema[column.name]) for column in step.masked
        )

    def _plan(self, frame: pl.DataFrame, table: str) -> Plan:
        name = self._named(table)
        catalog = _catalog(frame, name)
        # A file has rules for many tables; those for others match nothing here on purpose.
        columns = {
            key: {glob: rule for glob, rule in rules.items() if self._is_for(glob, frame)}
            for key, rules in self._pipeline.columns.items()
            if table_fit(key, name) is not None
        }
        about = self._pipeline.model_copy(update={"columns": columns, "tables": {}, "subset": None})
        plan = make_plan(about, catalog, keys=self._keys, source="frame", target="frame")
        refuse(plan.findings if self._of_file else _placeless(plan.findings))
        return plan

    def _named(self, table: str) -> TableName:
        """Return the table that a name means; a bare name may mean one that rules write in full."""
        schema, _, name = table.rpartition(".")
        full = [key for key in self._pipeline.columns if key.endswith(f".{name}")]
        full = [key for key in full if not is_glob(key)]
        if schema or table in self._pipeline.columns or not full:
            return TableName(schema, name)
        if len(full) > 1:
            raise ConfigError(
                f"`{table}` is the name of {len(full)} tables: "
                + ", ".join(f"`{key}`" for key in full),
                help=f"write the schema too, such as `{full[0]}`",
                code="ambiguous-table",
                subject=table,
            )
        return TableName(full[0].rpartition(".")[0], name)

    def _is_for(self, glob: str, frame: pl.DataFrame) -> bool:
        """Tell whether a rule counts: a file's are for whole tables, those in Python for frames."""
        return not self._of_file or any(
            column_fit(glob, name) is not None for name in frame.columns
        )


def _placeless(findings: Findings) -> Findings:
    """Return findings without positions: verdicts given in Python stand in no file."""
    items = tuple(replace(finding, position=None) for finding in findings)
    return replace(findings, items=items)


def _pipeline(
    columns: Mapping[str, Mapping[str, object]],
    rules: Sequence[str],
    locale: str,
    accept: Sequence[str],
) -> Pipeline:
    """Read verdicts given in Python as if they stood in a file, with the same complaints."""
    written = {
        "version": 1,
        "name": "frames",
        "source": {"url": "postgresql:///frames"},
        "target": {"url": "postgresql:///frames"},
        "rules": list(rules),
        "locale": locale,
        "accept": list(accept),
        "columns": {table: dict(verdicts) for table, verdicts in columns.items()},
    }
    text = json.dumps(written, indent=1)  # JSON is YAML
    try:
        return parse_pipeline(text, file="Masker", environ={}, lenient=True)
    except ConfigError as problem:
        raise ConfigError.from_findings(_placeless(problem.findings)) from None


def _catalog(frame: pl.DataFrame, table: TableName) -> Catalog:
    columns = tuple(Column(name=name, type=_type(dtype)) for name, dtype in frame.schema.items())
    return Catalog(
        engine="frame",
        version="",
        database="frame",
        schemas=(table.schema,),
        tables=(Table(name=table, columns=columns, rows=frame.height),),
    )


def _type(dtype: pl.DataType) -> Type:
    for known, kind, base in _KINDS:
        if dtype == known or isinstance(dtype, known):
            zoned = kind is Kind.TIMESTAMP and getattr(dtype, "time_zone", None)
            return Type(
                name=str(dtype),
                base="timestamptz" if zoned else base,
                kind=Kind.TIMESTAMP_TZ if zoned else kind,
            )
    if isinstance(dtype, pl.Enum):
        labels = tuple(dtype.categories)
        return Type(name="Enum", base="enum", kind=Kind.ENUM, labels=labels)
    return Type(name=str(dtype), base=str(dtype), kind=Kind.OTHER)


def _as_text(values: pl.Series) -> pl.Series:
    """Return a column in the canonical text of its kind (see `Kind`)."""
    if values.dtype == pl.Boolean:
        return values.replace_strict({True: "t", False: "f"}, return_dtype=pl.String)
    if isinstance(values.dtype, pl.Datetime):
        zone = values.dtype.time_zone
        plain = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zone else values
        text = plain.dt.strftime("%Y-%m-%d %H:%M:%S%.6f").str.replace(r"\.?0{1,6}$", "")
        return text + "+00" if zone else text
    if isinstance(values.dtype, pl.Date):
        return values.dt.strftime("%Y-%m-%d")
    try:
        return values.cast(pl.String)
    except PolarsError:  # a nested column: it can be kept, and nothing looks at its text
        return pl.Series(values.name, [None] * values.len(), dtype=pl.String)


def _as_before(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return masked text in the column's own type, else DataError with the column's name."""
    try:
        if dtype == pl.Boolean:
            return values.replace_strict({"t": True, "f": False}, return_dtype=pl.Boolean)
        if isinstance(dtype, pl.Datetime):
            moment = values.str.replace(r"\+00$", "").str.to_datetime(
                "%Y-%m-%d %H:%M:%S%.f", time_unit=dtype.time_unit
            )
            if dtype.time_zone is None:
                return moment
            return moment.dt.replace_time_zone("UTC").dt.convert_time_zone(dtype.time_zone)
        if isinstance(dtype, pl.Date):
            return values.str.to_date("%Y-%m-%d")
        return values.cast(dtype)
    except PolarsError:
        raise DataError(
            f"masked values of `{values.name}` are no {dtype}",
            help="give the column a transformer for its type",
            code="does-not-fit",
            subject=values.name,
        ) from None

"""Mask frames in memory, for whoever has rows and no database to swap."""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace

import polars as pl
from polars.exceptions import PolarsError

from masker.catalog import Catalog, Column, Kind, Table, TableName, Type
from masker.errors import ConfigError, DataError
from masker.findings import Findings
from masker.keys import Keyring
from masker.mask import BatchMasker
from masker.pipelines.planning import make_plan, refuse
from masker.pipelines.written import Written
from masker.plan.model import Plan, Step
from masker.rules.patterns import column_fit, is_glob, table_fit
from masker.rules.policy import Ruling

_KINDS: tuple[tuple[type[pl.DataType], Kind, str], ...] = (
    (pl.String, Kind.TEXT, "text"),
    (pl.Categorical, Kind.TEXT, "text"),
    (pl.Null, Kind.TEXT, "text"),
    (pl.Int8, Kind.INTEGER, "int1"),
    (pl.Int16, Kind.INTEGER, "int2"),
    (pl.Int32, Kind.INTEGER, "int4"),
    (pl.Int64, Kind.INTEGER, "int8"),
    (pl.UInt8, Kind.INTEGER, "int1"),
    (pl.UInt16, Kind.INTEGER, "int2"),
    (pl.UInt32, Kind.INTEGER, "int4"),
    (pl.UInt64, Kind.INTEGER, "int8"),
    (pl.Decimal, Kind.DECIMAL, "numeric"),
    (pl.Float32, Kind.FLOAT, "float4"),
    (pl.Float64, Kind.FLOAT, "float8"),
    (pl.Boolean, Kind.BOOLEAN, "bool"),
    (pl.Date, Kind.DATE, "date"),
    (pl.Datetime, Kind.TIMESTAMP, "timestamp"),
)
_NAMED = 5  # tables that a finding names
_UNKNOWN = frozenset({"wrong-kind", "unfit"})  # of a column without values nobody knows the type


def step_of(
    written: Written,
    schema: Mapping[str, pl.DataType],
    *,
    table: str,
    keys: Keyring,
    rows: int = 0,
    alone: bool = False,
) -> Step:
    """Return how a frame of these columns is masked.

    `table` names the rules that apply, bare or with its schema. A file's rules are for whole
    tables, those given in Python for frames: of these each must match, unless `alone`. UnsafeError
    names every column without a verdict, ConfigError what does not fit.
    """
    name = _named(written, table)
    catalog = _catalog(schema, name, rows)
    lenient = written.of_file or alone
    columns = {
        key: {
            glob: rule
            for glob, rule in rules.items()
            if not lenient or any(column_fit(glob, column) is not None for column in schema)
        }
        for key, rules in written.pipeline.columns.items()
        if table_fit(key, name) is not None
    }
    about = written.pipeline.model_copy(update={"columns": columns, "tables": {}, "subset": None})
    plan = make_plan(about, catalog, keys=keys, source="frame", target="frame")
    if not columns and all(column.ruling is Ruling.UNCOVERED for column in plan.steps[0].columns):
        _refuse_unknown(written, table)
    found = _of_known(plan, schema, name)
    if lenient:
        found = _with_nearest(found, plan.steps[0], _missing(written, schema, name))
    refuse(written.told(found))
    return plan.steps[0]


def mask_columns(
    frame: pl.DataFrame, step: Step, masker: BatchMasker
) -> tuple[pl.DataFrame, list[str]]:
    """Return a frame with its masked columns changed, in the types that they had, and their names.

    What a verdict keeps in some rows stays the very value that it was, also in types whose text
    does not read back. DataError names a column whose values its type cannot hold after masking.
    """
    text = frame.select(_as_text(frame[column.name]) for column in step.moved)
    masked = masker(text).frame
    new = [column.name for column in step.masked if frame.schema[column.name] != pl.Null]
    made = frame.with_columns(_changed(frame[name], text[name], masked[name]) for name in new)
    return made, new


def _changed(before: pl.Series, text: pl.Series, masked: pl.Series) -> pl.Series:
    """Return a column with the values whose text changed read anew."""
    same = (masked == text).fill_null(value=False)
    read = _as_before(pl.select(pl.when(~same).then(masked)).to_series(), before)
    if not same.any():
        return read
    return pl.select(pl.when(same).then(before).otherwise(read).alias(before.name)).to_series()


def _of_known(plan: Plan, schema: Mapping[str, pl.DataType], table: TableName) -> Findings:
    """Return a plan's findings without what it says of the type of columns that hold nothing."""
    empty = {f"{table}.{name}" for name, dtype in schema.items() if dtype == pl.Null}
    known = (
        each for each in plan.findings if not (each.subject in empty and each.code in _UNKNOWN)
    )
    return replace(plan.findings, items=tuple(known))


def _missing(written: Written, schema: Mapping[str, pl.DataType], table: TableName) -> list[str]:
    """Return the columns that rules of a table name and a frame does not have."""
    return [
        column
        for key, rules in written.pipeline.columns.items()
        if table_fit(key, table) is not None
        for column in rules
        if column not in schema and not is_glob(column)
    ]


def _with_nearest(findings: Findings, step: Step, missing: Collection[str]) -> Findings:
    """Return findings that ask, of a column without a verdict, whether another one is meant."""
    near = {
        f"{step.table}.{column.name}": f"did you mean `{names[0]}`? If not, "
        for column in step.columns
        if (names := difflib.get_close_matches(column.name, missing, n=1))
    }
    items = (
        replace(each, help=near[each.subject] + each.help)
        if each.code == "uncovered" and each.subject in near
        else each
        for each in findings
    )
    return replace(findings, items=tuple(items))


def _named(written: Written, table: str) -> TableName:
    """Return the table that a name means; a bare name may mean one that rules write in full."""
    schema, _, name = table.rpartition(".")
    columns = written.pipeline.columns
    full = [key for key in columns if key.endswith(f".{name}") and not is_glob(key)]
    if schema or table in columns or not full:
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


def _refuse_unknown(written: Written, table: str) -> None:
    """Raise ConfigError for a table that no rule is about, where there are rules for others."""
    known = [key for key in written.pipeline.columns if not is_glob(key)]
    if not known:
        return
    bare = {key.rpartition(".")[2]: key for key in reversed(known)}
    near = difflib.get_close_matches(table.rpartition(".")[2], bare, n=1)
    named = ", ".join(f"`{key}`" for key in known[:_NAMED]) + (", ..." if known[_NAMED:] else "")
    raise ConfigError(
        f"the rules name no table `{table}`",
        help=f"did you mean `{bare[near[0]]}`?" if near else f"pass `table=`; they name {named}",
        code="unknown-table",
        subject=table,
    )


def _catalog(schema: Mapping[str, pl.DataType], table: TableName, rows: int) -> Catalog:
    columns = tuple(Column(name=name, type=_type(dtype)) for name, dtype in schema.items())
    return Catalog(
        engine="frame",
        version="",
        database="frame",
        schemas=(table.schema,),
        tables=(Table(name=table, columns=columns, rows=rows),),
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
    except PolarsError:  # a nested column, or bytes: it can be kept or dropped
        # One mark per value, which nobody can write as a constant, tells which ones stay.
        marks = pl.format("{}{}", pl.lit(secrets.token_hex(8)), pl.int_range(values.len()))
        return pl.select(pl.when(values.is_not_null()).then(marks).alias(values.name)).to_series()


def _as_before(values: pl.Series, before: pl.Series) -> pl.Series:
    """Return masked text in the type of a column, else DataError with the column's name."""
    dtype = before.dtype
    if values.null_count() == values.len():
        return pl.Series(before.name, [None] * values.len(), dtype=dtype)
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
        raise unfit(before.name, str(dtype)) from None


def unfit(name: str, kind: str) -> DataError:
    """Return the error for a column whose values its type cannot hold after masking."""
    return DataError(
        f"masked values of `{name}` are no {kind}",
        help="give the column a transformer for its type",
        code="does-not-fit",
        subject=name,
    )

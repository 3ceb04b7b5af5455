"""What one database holds at one time: tables, columns, keys, constraints. Pure data."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Kind(enum.StrEnum):
    r"""What a column's values are, whatever the engine calls the type.

    Transformers see every value as a polars String in one canonical text per kind:
    integers and decimals in plain notation, booleans `t`/`f`, dates `YYYY-MM-DD`, timestamps
    `YYYY-MM-DD HH:MM:SS[.ffffff]` with `+00` when they carry a zone (UTC), uuid in lower case,
    bytes as `\x` and hex, JSON and arrays as the engine writes them.
    """

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    TIMESTAMP_TZ = "timestamp_tz"
    INTERVAL = "interval"
    UUID = "uuid"
    INET = "inet"
    JSON = "json"
    XML = "xml"
    BYTES = "bytes"
    ENUM = "enum"
    ARRAY = "array"
    RANGE = "range"
    COMPOSITE = "composite"
    TSVECTOR = "tsvector"
    VECTOR = "vector"
    GEOMETRY = "geometry"
    OID = "oid"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table by schema and name, exactly as the server spells them."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A column's type.

    `name` is the engine's own spelling (`character varying(40)`), `base` its plain name with
    domains resolved and without modifiers (`varchar`, `numeric`, `int4`, `_text`). `length` is the
    limit in characters; `precision` and `scale` those of numerics; `labels` an enum's, in order;
    `element` an array's element type; `domain` the domain's qualified name if it is one.
    """

    name: str
    base: str
    kind: Kind
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    labels: tuple[str, ...] = ()
    element: Type | None = None
    domain: str | None = None
    case_insensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. `generated` columns are computed by the server and never moved."""

    name: str
    type: Type
    nullable: bool = True
    default: str | None = None
    generated: bool = False
    identity: str = ""  # "", "always", "by default"
    sequence: TableName | None = None  # the sequence the column owns or takes its default from
    comment: str | None = None
    checks: tuple[str, ...] = ()  # definitions of CHECKs (its own and its domain's) on it alone
    readable: bool = True  # whether the reading role may SELECT it


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A primary key, a unique constraint or a unique index over plain columns.

    `deferrable`, `partial` (a unique index with a predicate) and `expression` (an index over
    expressions; `columns` then lists the columns the expressions read) say what kind it is.
    """

    name: str
    columns: tuple[str, ...]
    primary: bool = False
    deferrable: bool = False
    partial: bool = False
    expression: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A foreign key: `columns` of `table` refer to `parent_columns` of `parent`, pairwise.

    `inherited`: a partition's copy of the foreign key that its root declares.
    """

    name: str
    table: TableName
    columns: tuple[str, ...]
    parent: TableName
    parent_columns: tuple[str, ...]
    deferrable: bool = False
    validated: bool = True
    inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A CHECK or exclusion constraint: its definition and the columns it reads."""

    name: str
    definition: str
    columns: tuple[str, ...]
    exclusion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitioning:
    """How a partitioned table is divided: `strategy` is range, list or hash."""

    strategy: str
    columns: tuple[str, ...]
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A trigger of a table: when it fires and the columns its function may write, if known."""

    name: str
    definition: str
    function: str
    before_insert: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that holds rows, or a partitioned root that holds none of its own.

    `parent` is the partitioned table it is a partition of or the first table it inherits from,
    `parents` all of these; `bound` the partition's bound as the server writes it. `rows` is an
    estimate (None: unknown), `bytes` the size on disk, `pages` the blocks to read: a partitioned
    table's own rows, bytes and pages are the sums of its partitions'. `checks` holds all CHECKs,
    those on a single column too.
    """

    name: TableName
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    partitioning: Partitioning | None = None
    parent: TableName | None = None
    parents: tuple[TableName, ...] = ()
    bound: str | None = None
    row_security: bool = False
    row_security_applies: bool = False  # it hides rows from the reading role
    comment: str | None = None
    rows: int | None = None
    bytes: int | None = None
    pages: int = 0
    readable: bool = True  # whether the reading role may SELECT every column
    extension: str | None = None  # the extension that owns it: configuration, not data

    @property
    def primary_key(self) -> Key | None:
        """Return the primary key, if the table has one."""
        return next((key for key in self.keys if key.primary), None)

    @property
    def is_partition(self) -> bool:
        """Tell whether the table is a partition of another."""
        return self.parent is not None and self.bound is not None

    @property
    def holds_rows(self) -> bool:
        """Tell whether rows are stored in it: a partitioned root stores none."""
        return self.partitioning is None

    def column(self, name: str) -> Column:
        """Return a column by name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view or materialised view, the relations it reads, a materialised one's columns."""

    name: TableName
    definition: str
    materialised: bool = False
    reads: tuple[TableName, ...] = ()
    populated: bool = True
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A sequence, where it stands, and the column that owns it.

    `last_value` is None when the reading role may not SELECT from it.
    """

    name: TableName
    last_value: int | None
    is_called: bool
    owner: tuple[TableName, str] | None = None
    increment: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Tables, views and sequences of one database at one time, sorted by name."""

    engine: str
    version: str
    database: str
    schemas: tuple[str, ...]
    tables: tuple[Table, ...]
    views: tuple[View, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    extensions: tuple[str, ...] = ()
    encoding: str = "UTF8"
    wires: tuple[tuple[str, str], ...] = ()  # (kind, name): subscriptions, servers, event triggers
    # (place, words) that people wrote elsewhere: comments on other things than tables and columns,
    # bodies of functions, policies, index expressions and predicates, rules, domains, enums.
    texts: tuple[tuple[str, str], ...] = ()
    _by_name: dict[TableName, Table] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        self._by_name.update({table.name: table for table in self.tables})

    def table(self, name: TableName) -> Table:
        """Return a table by its full name; KeyError when there is none."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

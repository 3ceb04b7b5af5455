"""PostgreSQL's types in the words of the catalog: domains resolved, modifiers read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Self

from masker.catalog import Kind, Type

# By pg_type.typname; extension types by the names their extensions give them. What is not here
# and not told by typtype is OTHER: no transformer takes it unless it is made for it.
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys(("text", "varchar", "bpchar", "char", "name", "citext"), Kind.TEXT),
        **dict.fromkeys(("int2", "int4", "int8"), Kind.INTEGER),
        "numeric": Kind.DECIMAL,
        **dict.fromkeys(("float4", "float8"), Kind.FLOAT),
        "bool": Kind.BOOLEAN,
        "date": Kind.DATE,
        **dict.fromkeys(("time", "timetz"), Kind.TIME),
        "timestamp": Kind.TIMESTAMP,
        "timestamptz": Kind.TIMESTAMP_TZ,
        "interval": Kind.INTERVAL,
        "uuid": Kind.UUID,
        **dict.fromkeys(("inet", "cidr"), Kind.INET),
        **dict.fromkeys(("json", "jsonb"), Kind.JSON),
        "xml": Kind.XML,
        "bytea": Kind.BYTES,
        "tsvector": Kind.TSVECTOR,
        **dict.fromkeys(("vector", "halfvec", "sparsevec"), Kind.VECTOR),
        **dict.fromkeys(
            ("point", "line", "lseg", "box", "path", "polygon", "circle", "geometry", "geography"),
            Kind.GEOMETRY,
        ),
        **dict.fromkeys(
            ("oid", "lo", "regclass", "regproc", "regprocedure", "regtype", "regrole"), Kind.OID
        ),
        **dict.fromkeys(("int2vector", "oidvector"), Kind.ARRAY),
    }
)
BY_TYPTYPE: Mapping[str, Kind] = MappingProxyType(
    {"e": Kind.ENUM, "r": Kind.RANGE, "m": Kind.RANGE, "c": Kind.COMPOSITE}
)
HEADER = 4  # VARHDRSZ, which the modifiers of varchar, char(n) and numeric carry
FIXED: Mapping[str, int] = MappingProxyType({"char": 1, "name": 63})


@dataclass(frozen=True, slots=True)
class ServerType:
    """One row of pg_type with its enum labels and its domain CHECKs (`catalog_sql.TYPES`)."""

    oid: int
    schema: str
    name: str
    typtype: str
    element: int
    base: int
    modifier: int
    not_null: bool
    spelled: str
    labels: tuple[str, ...]
    checks: tuple[str, ...]

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> Self:
        """Build one from a row of the query."""
        facts = (*row[:9], tuple(row[9]), tuple(row[10]))
        return cls(*facts)


@dataclass(frozen=True, slots=True)
class Types:
    """All types in use, by oid."""

    by_oid: Mapping[int, ServerType]

    def resolve(self, oid: int, modifier: int, *, spelled: str, folds_case: bool = False) -> Type:
        """Return a column's type.

        `modifier` is atttypmod, `spelled` the server's own spelling with modifiers, `folds_case`
        whether the column's collation takes different bytes for equal.
        """
        outer = self.by_oid[oid]
        inner, modifier = self._below(outer, modifier)
        length, precision, scale = _limits(inner.name, modifier)
        element = None
        if inner.element:
            part = self.by_oid[inner.element]
            element = self.resolve(part.oid, modifier, spelled=part.spelled)
            if element.domain is None and spelled.endswith("[]"):
                element = replace(element, name=spelled.removesuffix("[]"))
        return Type(
            name=spelled,
            base=inner.name,
            kind=_kind(inner),
            length=length,
            precision=precision,
            scale=scale,
            labels=inner.labels,
            element=element,
            domain=f"{outer.schema}.{outer.name}" if outer.typtype == "d" else None,
            case_insensitive=folds_case or inner.name == "citext",
        )

    def domain_checks(self, oid: int) -> tuple[str, ...]:
        """Return the CHECKs of a domain and of the domains it is made of."""
        return tuple(check for level in self._levels(oid) for check in level.checks)

    def domain_not_null(self, oid: int) -> bool:
        """Tell whether a domain, or one it is made of, refuses null."""
        return any(level.not_null for level in self._levels(oid))

    def _levels(self, oid: int) -> list[ServerType]:
        levels = [self.by_oid[oid]]
        while levels[-1].typtype == "d":
            levels.append(self.by_oid[levels[-1].base])
        return levels

    def _below(self, outer: ServerType, modifier: int) -> tuple[ServerType, int]:
        """Return the type under all domains, and the modifier that the innermost domain sets."""
        *domains, inner = self._levels(outer.oid)
        return inner, domains[-1].modifier if domains else modifier


def _kind(inner: ServerType) -> Kind:
    if inner.element:
        return Kind.ARRAY
    told = BY_TYPTYPE.get(inner.typtype)
    return told if told is not None else KINDS.get(inner.name, Kind.OTHER)


def _limits(base: str, modifier: int) -> tuple[int | None, int | None, int | None]:
    """Return length, precision and scale from pg_attribute.atttypmod."""
    length = precision = scale = None
    if base in FIXED:
        length = FIXED[base]
    elif modifier < 0:
        pass
    elif base in {"varchar", "bpchar"}:
        length = modifier - HEADER
    elif base in {"bit", "varbit"}:
        length = modifier
    elif base == "numeric":
        packed = modifier - HEADER  # 16 bits of precision, 11 bits of signed scale (numeric.c)
        precision, scale = packed >> 16 & 0xFFFF, (packed & 0x7FF ^ 0x400) - 0x400
    return length, precision, scale

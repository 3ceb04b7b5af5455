"""Small databases drawn at random: cycles, composite and nullable keys, rows without any key.

A world is written once and used three ways: as a catalog with rows in memory, as tables of a real
server, and by the brute-force closure, which knows nothing of masker.
"""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from masker.catalog import Catalog, Column, ForeignKey, Key, Kind, Table, TableName, Type
from masker.catalog.links import Link, declared_links
from masker.rules.subset import Edge, Follow, RootRule, SubsetRules, Unrelated

INTEGER = Type(name="integer", base="int4", kind=Kind.INTEGER)
TEXT = Type(name="text", base="text", kind=Kind.TEXT)
SCHEMA = "public"


@dataclass
class Reference:
    """A foreign key of a table: its columns, the parent and the columns referred to."""

    columns: tuple
    parent: str
    target: tuple
    nullable: bool


@dataclass
class Spec:
    """A table: `a`, `b` and `u` may be keys, `grp` holds few values, others are references."""

    name: str
    primary: tuple  # ("a",), ("a", "b") or () for none
    references: list = field(default_factory=list)
    rows: list = field(default_factory=list)  # of dicts of text by column

    @property
    def columns(self):
        more = [column for reference in self.references for column in reference.columns]
        return ("a", "b", "u", "grp", *more)


@dataclass
class World:
    """Tables by name."""

    tables: dict

    def catalog(self):
        return Catalog(
            engine="memory", version="0", database="w", schemas=(SCHEMA,),
            tables=tuple(_table(self.tables[name]) for name in sorted(self.tables)),
        )  # fmt: skip

    def sql(self):
        """Return statements that make the tables and fill them; keys come after the rows."""
        for spec in self.tables.values():
            columns = ", ".join(f"{c} {'text' if c == 'grp' else 'integer'}" for c in spec.columns)
            yield f"CREATE TABLE {spec.name} ({columns})"
            for row in spec.rows:
                values = ", ".join(_literal(row[c]) for c in spec.columns)
                yield f"INSERT INTO {spec.name} VALUES ({values})"
            if spec.primary:
                yield f"ALTER TABLE {spec.name} ADD PRIMARY KEY ({', '.join(spec.primary)})"
            yield f"ALTER TABLE {spec.name} ADD UNIQUE (u)"
            yield f"ALTER TABLE {spec.name} ADD UNIQUE (a, b)"
        for spec in self.tables.values():
            for reference in spec.references:
                mine, theirs = ", ".join(reference.columns), ", ".join(reference.target)
                yield (
                    f"ALTER TABLE {spec.name} ADD FOREIGN KEY ({mine}) "
                    f"REFERENCES {reference.parent} ({theirs})"
                )
                if not reference.nullable:
                    for column in reference.columns:
                        yield f"ALTER TABLE {spec.name} ALTER {column} SET NOT NULL"


def _literal(value):
    return "NULL" if value is None else f"'{value}'"


def name_of(text):
    return TableName(SCHEMA, text)


def _table(spec):
    required = {c for r in spec.references if not r.nullable for c in r.columns}
    keys = [Key(name=f"{spec.name}_u", columns=("u",)), Key(name="ab", columns=("a", "b"))]
    if spec.primary:
        keys.insert(0, Key(name="pk", columns=spec.primary, primary=True))
    return Table(
        name=name_of(spec.name),
        columns=tuple(
            Column(
                name=c,
                type=TEXT if c == "grp" else INTEGER,
                nullable=c not in spec.primary and c not in required,
            )
            for c in spec.columns
        ),
        keys=tuple(keys),
        foreign_keys=tuple(
            ForeignKey(
                name=f"{spec.name}_{n}",
                table=name_of(spec.name),
                columns=r.columns,
                parent=name_of(r.parent),
                parent_columns=r.target,
            )
            for n, r in enumerate(spec.references)
        ),
        rows=len(spec.rows),
        bytes=100 * len(spec.rows),
    )


@st.composite
def worlds(draw, *, keyless=True):
    """Draw a world. With `keyless` some tables have no key that every row has."""
    names = [f"t{n}" for n in range(draw(st.integers(1, 5)))]
    primaries = [("a",), ("a", "b")] + ([()] if keyless else [])
    tables = {name: Spec(name, draw(st.sampled_from(primaries))) for name in names}
    for spec in tables.values():
        for n in range(draw(st.integers(0, 3))):
            target = draw(st.sampled_from([("a", "b"), ("u",)]))
            spec.references.append(
                Reference(
                    columns=tuple(f"r{n}_{place}" for place in range(len(target))),
                    parent=draw(st.sampled_from(names)),
                    target=target,
                    nullable=draw(st.booleans()),
                )
            )
    for spec in tables.values():
        for n in range(draw(st.integers(0, 8))):
            spec.rows.append(
                {
                    # `a` alone is a key of some tables only; `a, b` is one of all.
                    "a": str(n if spec.primary == ("a",) else n // 2),
                    "b": str(n % 2),
                    "u": draw(st.sampled_from([None, str(100 + n)])),
                    "grp": draw(st.sampled_from([None, "x", "y", "z"])),
                }
            )
    for spec in tables.values():
        for reference in spec.references:
            _fill(draw, spec, reference, tables[reference.parent].rows)
    _without_orphans(tables)
    return World(tables)


def _fill(draw, spec, reference, parents):
    keys = [tuple(p[c] for c in reference.target) for p in parents]
    keys = [key for key in keys if None not in key]
    for row in spec.rows:
        values = draw(st.sampled_from(keys)) if keys else None
        if values is None or (reference.nullable and draw(st.integers(0, 4)) == 0):
            part = values is not None and len(values) > 1 and draw(st.booleans())
            # MATCH SIMPLE: one null among the columns, and the row refers to nothing.
            values = (values[0], None) if part else (None,) * len(reference.columns)
        row.update(zip(reference.columns, values, strict=True))


def _without_orphans(tables):
    """Take out rows that must refer to something and cannot, and rows that refer to those."""
    while True:
        before = sum(len(spec.rows) for spec in tables.values())
        for spec in tables.values():
            for reference in spec.references:
                parents = tables[reference.parent].rows
                there = {tuple(p[c] for c in reference.target) for p in parents}
                spec.rows[:] = [row for row in spec.rows if _refers(row, reference, there)]
        if sum(len(spec.rows) for spec in tables.values()) == before:
            return


def _refers(row, reference, there):
    key = tuple(row[c] for c in reference.columns)
    return reference.nullable if None in key else key in there


@st.composite
def rules(draw, world):
    """Draw what a pipeline may ask of a world."""
    names = sorted(world.tables)
    roots = tuple(_root(draw, draw(st.sampled_from(names))) for _ in range(draw(st.integers(1, 2))))
    edges = []
    for link in declared_links(world.catalog()):
        limited = draw(st.integers(0, 3)) == 0
        edges.append(
            Edge(
                link=link,
                follow=draw(st.sampled_from([Follow.DOWN] * 4 + [Follow.OFF, Follow.ALWAYS])),
                max_per_parent=draw(st.integers(1, 2)) if limited else None,
            )
        )
    return SubsetRules(
        roots=roots,
        edges=tuple(edges),
        max_depth=draw(st.sampled_from([None, None, 1, 2])),
        seed=draw(st.integers(0, 3)),
        unrelated=draw(st.sampled_from([Unrelated.ALL, Unrelated.NONE])),
        lookup_rows=draw(st.sampled_from([0, 3])),
    )


def _root(draw, name):
    table = name_of(name)
    where = draw(st.sampled_from([None, "grp = 'x'", "grp IS NULL", "b = '1'"]))
    seed = draw(st.integers(0, 3))
    kind = draw(st.sampled_from(["where", "sample", "rows", "newest", "strata", "strata rows"]))
    match kind:
        case "sample":
            return RootRule(table=table, where=where, sample=0.4, seed=seed)
        case "rows":
            return RootRule(table=table, where=where, rows=2, seed=seed)
        case "newest":
            return RootRule(table=table, where=where, newest=("a", 2), seed=seed)
        case "strata":
            return RootRule(table=table, where=where, sample=0.3, stratify=("grp",), seed=seed)
        case "strata rows":
            return RootRule(table=table, where=where, rows=3, stratify=("grp",), seed=seed)
    return RootRule(table=table, where=where)


__all__ = ["Link", "Reference", "Spec", "World", "name_of", "rules", "worlds"]

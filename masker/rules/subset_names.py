"""Resolve a pipeline's `subset` for a catalog: names to tables, columns and links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from masker.catalog import Catalog, Table, TableName
from masker.catalog.links import Link, declared_links
from masker.findings import Finding, Position, error
from masker.rules.patterns import Tables
from masker.rules.pipeline import Pipeline
from masker.rules.places import closest
from masker.rules.policy import TableVerdict, Treatment
from masker.rules.sections import Reference, Root, Subset
from masker.rules.subset import Budget, Edge, Follow, RootRule, SubsetRules, Unrelated


def resolve_subset(
    pipeline: Pipeline, catalog: Catalog, tables: Mapping[TableName, TableVerdict]
) -> tuple[SubsetRules | None, tuple[Finding, ...]]:
    """Return what the pipeline's subset means, and all that is wrong with it.

    `tables` says which tables are loaded. None without a section `subset`.
    """
    subset = pipeline.subset
    if subset is None:
        return None, ()
    names = _Names(pipeline, catalog, tables)
    roots = [made for n, root in enumerate(subset.roots) if (made := names.root(n, root))]
    links = [*declared_links(catalog), *names.references(subset)]
    edges = names.edges(subset, links)
    names.check(subset)
    budget = None
    if subset.budget is not None:
        at = pipeline.positions.key("subset", "budget")
        budget = Budget(rows=subset.budget.rows, bytes=subset.budget.bytes, position=at)
    rules = SubsetRules(
        roots=tuple(roots),
        edges=edges,
        max_depth=subset.children.max_depth,
        seed=subset.children.seed,
        unrelated=Unrelated(subset.unrelated),
        lookup_rows=subset.lookup_rows,
        budget=budget,
        cover=subset.cover,
    )
    return rules, tuple(names.found)


@dataclass
class _Names:
    pipeline: Pipeline
    catalog: Catalog
    verdicts: Mapping[TableName, TableVerdict]
    found: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tables = Tables(self.catalog.tables)

    def _at(self, *path: str | int) -> Position:
        return self.pipeline.positions.value("subset", *path)

    # -- roots -----------------------------------------------------------------------------------

    def root(self, number: int, root: Root) -> RootRule | None:
        at = None if root.from_shell else self._at("roots", number)
        where = None if root.from_shell else self._at("roots", number, "table")
        table = self._table(root.table, where)
        ways = [way for way in ("sample", "rows", "newest") if getattr(root, way) is not None]
        if len(ways) > 1:
            listed = " and ".join(f"`{way}`" for way in ways)
            self._bad(f"a root takes {listed} at once", at, "write one of them")
        if root.stratify and (not ways or ways[0] == "newest"):
            self._bad("`stratify` divides a sample", at, "write `sample:` or `rows:` beside it")
        if table is None:
            return None
        self._check_loaded(table, at)
        for column in root.stratify:
            self._column(table, column, at)
        if root.newest is not None:
            self._column(table, root.newest.by, at)
        return RootRule(
            table=table.name,
            where=root.where,
            sample=root.sample,
            rows=root.rows,
            newest=(root.newest.by, root.newest.n) if root.newest else None,
            stratify=root.stratify,
            seed=root.seed,
            may_be_empty=root.may_be_empty,
            position=at,
        )

    def _check_loaded(self, table: Table, at: Position | None) -> None:
        verdict = self.verdicts.get(table.name, TableVerdict())
        if verdict.treatment is not Treatment.LOAD:
            self._bad(
                f"the root `{table.name}` is `{verdict.treatment.value}` under `tables`",
                at,
                "load it, or name another root",
            )

    def check(self, subset: Subset) -> None:
        """Look at what does not go together."""
        sampled = any(root.sample is not None for root in subset.roots)
        if subset.unrelated == "sample" and not sampled:
            self._bad(
                "`unrelated: sample` takes the share of a root, and no root has a `sample`",
                self._at("unrelated"),
                "write `all` or `none`, or give a root a `sample`",
            )
        if subset.budget is None:
            return
        at = self._at("budget")
        if (subset.budget.rows is None) == (subset.budget.bytes is None):
            self._bad("a budget is of `rows` or of `bytes`", at, "write one of them")
        if not sampled and all(root.rows or root.newest for root in subset.roots):
            self._bad(
                "a budget solves for the share of a root, and every root has a fixed number",
                at,
                "give a root a `sample`, or leave out its `rows` or `newest`",
            )

    # -- links -----------------------------------------------------------------------------------

    def references(self, subset: Subset) -> Iterator[Link]:
        """Yield a link for each pair of a reference and a table that it may mean."""
        for number, reference in enumerate(subset.references):
            at = ("references", number)
            table = self._table(reference.table, self._at(*at, "table"))
            if (reference.type is None) != (set(reference.to) == {""}):
                self._bad(
                    "a reference of several types has a `type` column and a key for each value; "
                    "another has one key and no `type`",
                    self._at(*at),
                    "write `to: customers.id`, or `type: kind` and `to: {customer: customers.id}`",
                )
                continue
            mine = [self._column(table, name, self._at(*at, "id")) for name in reference.id]
            kind = reference.type is None or self._column(
                table, reference.type, self._at(*at, "type")
            )
            targets = [(value, self._target(reference, value, number)) for value in reference.to]
            if table is None or not all(mine) or not kind:
                continue
            for value, target in targets:
                if target is not None:
                    yield Link(
                        table=table.name,
                        columns=reference.id,
                        parent=target[0].name,
                        parent_columns=target[1],
                        when=None if reference.type is None else (reference.type, value),
                    )

    def _target(
        self, reference: Reference, value: str, number: int
    ) -> tuple[Table, tuple[str, ...]] | None:
        """Return table and columns of `customers.id` or `orders.(year, number)`."""
        at = self._at("references", number, "to", value)
        written = reference.to[value]
        if written.endswith(")") and ".(" in written:
            name, _, listed = written[:-1].partition(".(")
            columns = tuple(column.strip() for column in listed.split(","))
        else:
            name, _, column = written.rpartition(".")
            columns = (column,)
        if not name or len(columns) != len(reference.id):
            self._bad(
                f"`{written}` does not name {len(reference.id)} column(s) of a table",
                at,
                "write the table and its key: `customers.id`, or `orders.(year, number)`",
            )
            return None
        table = self._table(name, at)
        there = [self._column(table, column, at) for column in columns]  # each is told
        if table is None or not all(there):
            return None
        return table, columns

    def edges(self, subset: Subset, links: list[Link]) -> tuple[Edge, ...]:
        """Return each link with what the section says of it."""
        children = subset.children
        names = {link: set(_spelled(link)) for link in links}
        known = sorted({name for spelled in names.values() for name in spelled})
        for key in children.edges:
            if key not in known:
                self.found.append(
                    error(
                        "unknown-edge",
                        f"no foreign key goes by `{key}`",
                        subject=key,
                        at=self.pipeline.positions.key("subset", "children", "edges", key),
                        help=closest(
                            key, known, otherwise="write the child's table and column: "
                            "`orders.customer_id`",
                        ),
                    )
                )  # fmt: skip
        made = []
        for link in links:
            rule = next((children.edges[key] for key in children.edges if key in names[link]), None)
            most = rule.max_per_parent if rule is not None else None
            made.append(
                Edge(
                    link=link,
                    follow=Follow(rule.follow) if rule is not None else Follow.DOWN,
                    max_per_parent=most or children.max_per_parent,
                )
            )
        return tuple(made)

    # -- names -----------------------------------------------------------------------------------

    def _table(self, name: str, at: Position | None) -> Table | None:
        hits = [] if any(sign in name for sign in "*?[") else self._tables.named(name)
        if len(hits) == 1:
            return hits[0]
        if hits:
            listed = ", ".join(f"`{hit.name}`" for hit in hits)
            self.found.append(
                error(
                    "ambiguous-table",
                    f"`{name}` is the name of {len(hits)} tables: {listed}",
                    subject=name,
                    at=at,
                    help=f"write the schema too, such as `{hits[0].name}`",
                )
            )
            return None
        known = [spelled for t in self.catalog.tables for spelled in (t.name.name, str(t.name))]
        self.found.append(
            error(
                "unknown-table",
                f"the source has no table `{name}`",
                subject=name,
                at=at,
                help=closest(name, known, otherwise="correct it, or check `source: schemas:`"),
            )
        )
        return None

    def _column(self, table: Table | None, name: str, at: Position | None) -> bool:
        if table is None:
            return False
        known = [column.name for column in table.columns]
        if name in known:
            return True
        self.found.append(
            error(
                "unknown-column",
                f"`{table.name}` has no column `{name}`",
                subject=f"{table.name}.{name}",
                at=at,
                help=closest(name, known, otherwise=f"it has {', '.join(known)}"),
            )
        )
        return False

    def _bad(self, message: str, at: Position | None, help: str) -> None:
        self.found.append(error("bad-subset", message, at=at, help=help))


def _spelled(link: Link) -> Iterator[str]:
    for table in (link.table.name, str(link.table)):
        for column in link.columns:
            yield f"{table}.{column}"
        if link.constraint:
            yield f"{table}.{link.constraint}"

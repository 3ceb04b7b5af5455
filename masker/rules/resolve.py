"""From rules and a catalog to a policy: a verdict for every column and every table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from masker.catalog import Catalog, Column, Table, TableName
from masker.catalog.graph import Graph
from masker.detect.names import Proposal, propose
from masker.findings import Finding, Findings, error
from masker.rules.choose import Chooser
from masker.rules.conditions import check_conditions
from masker.rules.follow import Named, follow
from masker.rules.patterns import Fit
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Policy, Ruling, TableVerdict, Treatment, Verdict
from masker.rules.suggest import lines_to_add, suggestion
from masker.rules.tables import table_verdicts
from masker.rules.unmatched import misspelt_tables, unmatched_columns

Place = tuple[TableName, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A policy and what it was decided from; `leaders` names the key that a column follows."""

    policy: Policy
    leaders: Mapping[Place, Place]
    proposals: Mapping[Place, Proposal]


def resolve(pipeline: Pipeline, catalog: Catalog) -> Policy:
    """Return a verdict for every column and table of a catalog, with all that is wrong.

    Findings `uncovered` and `review` name columns that nobody has decided on: callers refuse to
    read a row then.
    """
    return resolution(pipeline, catalog).policy


def resolution(
    pipeline: Pipeline, catalog: Catalog, proposals: Iterable[Proposal] | None = None
) -> Resolution:
    """Resolve, and keep what the verdicts were decided from.

    `proposals` say what columns hold; when left out, their names, types and keys do.
    """
    graph = Graph(catalog)
    tables, found = table_verdicts(pipeline, catalog)
    told = propose(catalog) if proposals is None else proposals
    known = {(each.table, each.column): each for each in told}
    chooser = Chooser(pipeline, known)
    roots = [table for table in catalog.tables if graph.root_of(table.name) == table.name]
    chosen: dict[Place, Verdict] = {}
    exact: set[Place] = set()
    wide: set[Place] = set()
    for table in roots:
        for column in table.columns:
            place = (table.name, column.name)
            chosen[place], fit = chooser.verdict(table, column)
            if fit is not None:
                (wide if fit is Fit.GLOB else exact).add(place)
            found += tuple(check_conditions(table, column.name, chosen[place]))
    loaded = _loaded(catalog, graph, tables)
    misspelt = misspelt_tables(pipeline, catalog)
    chosen, leaders, more = follow(
        catalog, graph, chosen, Named(frozenset(exact), frozenset(wide)), loaded
    )
    found += (
        *unmatched_columns(pipeline, catalog, graph),
        *more,
        *_undecided(pipeline, roots, chosen, leaders, loaded - misspelt, known),
    )
    columns = {
        (table.name, column.name): chosen[graph.root_of(table.name), column.name]
        for table in catalog.tables
        for column in table.columns
    }
    policy = Policy(columns=columns, tables=tables, findings=Findings(found))
    return Resolution(policy=policy, leaders=leaders, proposals=known)


def _loaded(
    catalog: Catalog, graph: Graph, tables: Mapping[TableName, TableVerdict]
) -> frozenset[TableName]:
    """Return the tables of which rows are loaded, partitioned roots with theirs."""
    return frozenset(
        name
        for table in catalog.tables
        if tables[table.name].treatment is Treatment.LOAD
        for name in (table.name, graph.root_of(table.name))
    )


def _undecided(
    pipeline: Pipeline,
    roots: list[Table],
    chosen: Mapping[Place, Verdict],
    leaders: Mapping[Place, Place],
    loaded: frozenset[TableName],
    proposals: Mapping[Place, Proposal],
) -> Iterator[Finding]:
    """Yield a finding for each column of a loaded table that nobody has decided on."""
    for table in roots:
        if table.name not in loaded:
            continue
        undecided = [
            column
            for column in table.columns
            if chosen[table.name, column.name].ruling in {Ruling.UNCOVERED, Ruling.REVIEW}
            and (table.name, column.name) not in leaders
        ]
        verdicts = {
            column.name: suggestion(table, column, proposals.get((table.name, column.name)))
            for column in undecided
        }
        helps = lines_to_add(table.name, verdicts, known=pipeline.columns)
        for column in undecided:
            place = (table.name, column.name)
            help = helps.get(column.name, "")
            yield _open(table, column, chosen[place], proposals.get(place), help)


def _open(
    table: Table, column: Column, verdict: Verdict, proposal: Proposal | None, help: str
) -> Finding:
    subject = f"{table.name}.{column.name}"
    review = verdict.ruling is Ruling.REVIEW
    why = "waits for a person's review" if review else f"has no verdict: {verdict.reason}"
    perhaps = f"; perhaps {proposal.entity}" if proposal is not None else ""
    return error(
        verdict.ruling.value,  # the code is the ruling's own word: review or uncovered
        f"`{subject}` ({column.type.name}) {why}{perhaps}",
        subject=subject,
        at=verdict.position,
        help=help,
    )

"""From rules and a catalog to a policy: a verdict for every column, first match wins.

Columns of the pipeline come before packs; exact names before globs, then file order. Of packs,
rules by type alone come after all others, and `review` after what decides. Rows that do not meet
a rule's `when` go to the next rule that matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from masker.catalog import Catalog, Column, Table, TableName
from masker.detect.names import Proposal, propose
from masker.findings import Finding, Findings, error, warning
from masker.rules.follow import Named, follow
from masker.rules.packs import Pack, PackRule, fits
from masker.rules.patterns import Fit, column_fit, is_glob, table_fit
from masker.rules.pipeline import Pipeline
from masker.rules.places import closest
from masker.rules.policy import Policy, Ruling, TableVerdict, Treatment, Verdict
from masker.rules.suggest import line_to_add, suggestion
from masker.rules.tables import table_verdicts, unmatched
from masker.rules.verdicts import NOT_YET, REVIEW, verdict_of
from masker.transformers import registry

Place = tuple[TableName, str]
FAIL, NULL, SCRAMBLE = "fail", "null", "scramble"  # what `uncovered` may say


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


def resolution(pipeline: Pipeline, catalog: Catalog) -> Resolution:
    """Resolve, and keep what the verdicts were decided from."""
    tables, found = table_verdicts(pipeline, catalog)
    proposals = {(each.table, each.column): each for each in propose(catalog)}
    chooser = _Chooser(pipeline, proposals)
    roots = [table for table in catalog.tables if not table.is_partition]
    chosen: dict[Place, Verdict] = {}
    exact: set[Place] = set()
    wide: set[Place] = set()
    for table in roots:
        for column in table.columns:
            place = (table.name, column.name)
            chosen[place], fit = chooser.verdict(table, column)
            if fit is not None:
                (wide if fit is Fit.GLOB else exact).add(place)
    loaded = _loaded(catalog, tables)
    chosen, leaders, more = follow(
        catalog, chosen, Named(frozenset(exact), frozenset(wide)), loaded
    )
    found += (
        *_unmatched(pipeline, catalog),
        *more,
        *_undecided(pipeline, roots, chosen, leaders, loaded, proposals),
    )
    columns = {
        (table.name, column.name): chosen[_root(catalog, table).name, column.name]
        for table in catalog.tables
        for column in table.columns
    }
    policy = Policy(columns=columns, tables=tables, findings=Findings(found))
    return Resolution(policy=policy, leaders=leaders, proposals=proposals)


def _root(catalog: Catalog, table: Table) -> Table:
    while table.is_partition and table.parent is not None:
        table = catalog.table(table.parent)
    return table


def _loaded(catalog: Catalog, tables: Mapping[TableName, TableVerdict]) -> frozenset[TableName]:
    """Return the tables of which rows are loaded, partitioned roots with theirs."""
    return frozenset(
        name
        for table in catalog.tables
        if tables[table.name].treatment is Treatment.LOAD
        for name in (table.name, _root(catalog, table).name)
    )


class _Chooser:
    """The rules of a pipeline and its packs, ready to be asked column by column."""

    def __init__(self, pipeline: Pipeline, proposals: Mapping[Place, Proposal]) -> None:
        self._pipeline = pipeline
        self._proposals = proposals
        rules = [
            (pack, number, rule)
            for pack in pipeline.packs
            for number, rule in enumerate(pack.rules)
        ]
        # Stable, so the order of packs and rules holds within each of the three.
        self._rules = sorted(rules, key=lambda r: (r[2].match.broad, r[2].use == REVIEW))

    def verdict(self, table: Table, column: Column) -> tuple[Verdict, Fit | None]:
        """Return the verdict of a column, and how closely the pipeline itself names it, if so."""
        if column.generated:
            return Verdict(ruling=Ruling.GENERATED, reason="the target computes it"), None
        # An inherited column goes as its parent's does unless it is named itself.
        names = (table.name, *table.parents)
        own = [each for name in names for each in self._own(name, column.name)]
        packed = self._packed(table, column)
        verdict = _chain([*(each for each, _ in own), *packed])
        return self._covered(column, verdict), own[0][1] if own else None

    def _covered(self, column: Column, verdict: Verdict) -> Verdict:
        """Apply what the pipeline says of columns that nobody has decided on."""
        fallback = self._pipeline.uncovered
        open_ruling = verdict.ruling in {Ruling.UNCOVERED, Ruling.REVIEW}
        if fallback == FAIL or not open_ruling or verdict.use in NOT_YET:
            return verdict
        use: str = fallback
        if use == SCRAMBLE and column.type.kind not in registry.get(use).kinds:
            use = NULL
        if use == NULL and not column.nullable:
            return replace(verdict, reason=f"{verdict.reason}, and NULL is not allowed in it")
        return Verdict(
            ruling=Ruling.MASK,
            reason=f"`uncovered: {fallback}` ({verdict.reason})",
            use=use,
            transformer=registry.build(use),
            position=self._pipeline.positions.value("uncovered"),
        )

    def _own(self, table: TableName, column: str) -> Iterator[tuple[Verdict, Fit]]:
        places = self._pipeline.positions
        fits = [
            (fit, inner, order, within, key, glob)
            for order, (key, columns) in enumerate(self._pipeline.columns.items())
            if (fit := table_fit(key, table)) is not None
            for within, glob in enumerate(columns)
            if (inner := column_fit(glob, column)) is not None
        ]
        for fit, inner, *_, key, glob in sorted(fits):
            for number, rule in enumerate(self._pipeline.columns[key][glob]):
                path = ("columns", key, glob, number)
                reason = f"`{key}.{glob}` of the pipeline"
                yield verdict_of(rule, places, path, reason=reason), max(fit, inner)

    def _packed(self, table: Table, column: Column) -> Iterator[Verdict]:
        proposal = self._proposals.get((table.name, column.name))
        for pack, number, rule in self._rules:
            if fits(rule.match, table, column, proposal):
                yield _of_pack(pack, number, rule, proposal)


def _of_pack(pack: Pack, number: int, rule: PackRule, proposal: Proposal | None) -> Verdict:
    reason = f"rule `{rule.id}` of `{pack.name}`"
    if rule.match.entity is not None and proposal is not None:
        reason += f": {proposal.entity} {proposal.score:.2f}, {', '.join(proposal.evidence)}"
    return verdict_of(rule, pack.positions, ("rules", number), reason=reason)


def _chain(verdicts: list[Verdict]) -> Verdict:
    """Return the first verdict, or the chain of conditional ones down to the first without."""
    if not verdicts:
        return Verdict(ruling=Ruling.UNCOVERED, reason="no rule matches")
    last = next((n for n, each in enumerate(verdicts) if each.when is None), None)
    if last is None:
        return Verdict(
            ruling=Ruling.UNCOVERED,
            reason="no rule is for the rows that do not meet `when`",
            position=verdicts[-1].position,
        )
    chain = verdicts[: last + 1]
    for each in chain:
        if each.ruling in {Ruling.REVIEW, Ruling.UNCOVERED}:
            return replace(each, when=None)
    if all(each.ruling is Ruling.KEEP for each in chain):
        return chain[-1]
    made = chain[-1]
    for each in reversed(chain[:-1]):
        # The head is a mask even where its first branch keeps: some rows are changed.
        made = replace(each, ruling=Ruling.MASK, otherwise=made)
    return made


def _unmatched(pipeline: Pipeline, catalog: Catalog) -> Iterator[Finding]:
    yield from unmatched(pipeline, catalog, "columns", tuple(pipeline.columns))
    for key, columns in pipeline.columns.items():
        hits = [table for table in catalog.tables if table_fit(key, table.name) is not None]
        tables = [table for table in hits if not table.is_partition]
        if hits and not tables:
            root = _root(catalog, hits[0]).name
            yield error(
                "partition-rule",
                f"`{key}` is a partition, and partitions go as their root does",
                subject=key,
                at=pipeline.positions.key("columns", key),
                help=f"write the rules under `{root}`",
            )
            continue
        for glob in columns:
            if tables and not any(
                column_fit(glob, column.name) is not None
                for table in tables
                for column in table.columns
            ):
                yield _no_column(pipeline, key, glob, tables)


def _no_column(pipeline: Pipeline, key: str, glob: str, tables: list[Table]) -> Finding:
    at = pipeline.positions.key("columns", key, glob)
    subject = f"{key}.{glob}"
    if is_glob(glob):
        return warning(
            "unmatched",
            f"`{glob}` matches no column of `{key}`",
            subject=subject,
            at=at,
            help="correct or remove it; globs are case-sensitive",
        )
    known = [column.name for table in tables for column in table.columns]
    return error(
        "unknown-column",
        f"`{key}` has no column `{glob}`",
        subject=subject,
        at=at,
        help=closest(glob, known, otherwise="remove the line"),
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
        for column in table.columns:
            place = (table.name, column.name)
            verdict = chosen[place]
            if verdict.ruling not in {Ruling.UNCOVERED, Ruling.REVIEW} or place in leaders:
                continue
            yield _open(table, column, verdict, proposals.get(place), pipeline)


def _open(
    table: Table, column: Column, verdict: Verdict, proposal: Proposal | None, pipeline: Pipeline
) -> Finding:
    subject = f"{table.name}.{column.name}"
    if verdict.use in NOT_YET:
        return error(
            "not-yet",
            f"the transformer `{verdict.use}` is not there yet",
            subject=subject,
            at=verdict.position,
        )
    review = verdict.ruling is Ruling.REVIEW
    why = "waits for a person's review" if review else f"has no verdict: {verdict.reason}"
    perhaps = f"; perhaps {proposal.entity}" if proposal is not None else ""
    return error(
        "review" if review else "uncovered",
        f"`{subject}` ({column.type.name}) {why}{perhaps}",
        subject=subject,
        at=verdict.position,
        help=line_to_add(
            table.name,
            column.name,
            suggestion(table, column, proposal),
            known=pipeline.columns,
        ),
    )

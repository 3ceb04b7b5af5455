"""Choose the verdict of one column: the rules that are for it, in order, first match wins.

Columns of the pipeline come before packs; exact names before globs, then file order. Of packs,
rules by type alone come after all others, and `review` after what decides. Rows that do not meet
a rule's `when` go to the next rule that matches.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from masker.catalog import Column, Kind, Table, TableName
from masker.detect.names import Proposal
from masker.rules.packs import Pack, PackRule, fits
from masker.rules.patterns import Fit, TableKeys, column_fit
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Ruling, Verdict
from masker.rules.verdicts import REVIEW, verdict_of
from masker.transformers import registry

Place = tuple[TableName, str]
FAIL, NULL, SCRAMBLE = "fail", "null", "scramble"  # what `uncovered` may say
JSON = "json"


class Chooser:
    """The rules of a pipeline and its packs, ready to be asked column by column."""

    def __init__(self, pipeline: Pipeline, proposals: Mapping[Place, Proposal]) -> None:
        self._pipeline = pipeline
        self._proposals = proposals
        self._keys = TableKeys(pipeline.columns)
        # Transformers are built once per rule, not once per column.
        self._written = {
            (key, glob): [
                verdict_of(
                    rule,
                    pipeline.positions,
                    ("columns", key, glob, number),
                    reason=f"`{key}.{glob}` of the pipeline",
                )
                for number, rule in enumerate(rules)
            ]
            for key, columns in pipeline.columns.items()
            for glob, rules in columns.items()
        }
        packed = [
            (rule, _of_pack(pack, number, rule))
            for pack in pipeline.packs
            for number, rule in enumerate(pack.rules)
        ]
        # Stable, so the order of packs and rules holds within each of the three.
        self._packed = sorted(packed, key=lambda each: (each[0].match.broad, each[0].use == REVIEW))

    def verdict(self, table: Table, column: Column) -> tuple[Verdict, Fit | None]:
        """Return the verdict of a column, and how closely the pipeline itself names it, if so."""
        if column.generated:
            return Verdict(ruling=Ruling.GENERATED, reason="the target computes it"), None
        # An inherited column goes as its parent's does unless it is named itself.
        own = [
            each for name in (table.name, *table.parents) for each in self._own(name, column.name)
        ]
        every = itertools.chain((each for each, _ in own), self._matching(table, column))
        fall_back = self._pipeline.uncovered != FAIL
        verdict = _chain(self._covered(column, every) if fall_back else every)
        return verdict, own[0][1] if own else None

    def _own(self, table: TableName, column: str) -> Iterator[tuple[Verdict, Fit]]:
        fits_here = [
            (fit, inner, order, within, key, glob)
            for fit, order, key in self._keys.of(table)
            for within, glob in enumerate(self._pipeline.columns[key])
            if (inner := column_fit(glob, column)) is not None
        ]
        for fit, inner, *_, key, glob in sorted(fits_here):
            for verdict in self._written[key, glob]:
                yield verdict, max(fit, inner)

    def _matching(self, table: Table, column: Column) -> Iterator[Verdict]:
        proposal = self._proposals.get((table.name, column.name))
        for rule, verdict in self._packed:
            if fits(rule.match, table, column, proposal):
                yield verdict if rule.match.entity is None else _with_evidence(verdict, proposal)

    def _covered(self, column: Column, found: Iterable[Verdict]) -> Iterator[Verdict]:
        """Put what the pipeline says of uncovered columns in place of `review`, and at the end."""
        use: str = self._pipeline.uncovered
        params: Mapping[str, object] = {}
        if use == SCRAMBLE and column.type.kind is Kind.JSON:
            use, params = JSON, {"paths": {}}  # scrambles every leaf
        elif use == SCRAMBLE and column.type.kind not in registry.get(use).kinds:
            use = NULL
        if use == NULL and not column.nullable:
            yield from found
            return
        yield from (each for each in found if each.ruling is not Ruling.REVIEW)
        yield Verdict(
            ruling=Ruling.MASK,
            reason=f"`uncovered: {self._pipeline.uncovered}`",
            use=use,
            transformer=registry.build(use, params),
            position=self._pipeline.positions.value("uncovered"),
        )


def _of_pack(pack: Pack, number: int, rule: PackRule) -> Verdict:
    reason = f"rule `{rule.id}` of `{pack.name}`"
    return verdict_of(rule, pack.positions, ("rules", number), reason=reason)


def _with_evidence(verdict: Verdict, proposal: Proposal | None) -> Verdict:
    if proposal is None:
        return verdict
    evidence = f"{proposal.entity} {proposal.score:.2f}, {', '.join(proposal.evidence)}"
    return replace(verdict, reason=f"{verdict.reason}: {evidence}")


def _chain(found: Iterable[Verdict]) -> Verdict:
    """Return the first verdict, or the chain of conditional ones down to the first without."""
    chain: list[Verdict] = []
    for verdict in found:
        chain.append(verdict)
        if verdict.when is None:
            break
    if not chain:
        return Verdict(ruling=Ruling.UNCOVERED, reason="no rule matches")
    if chain[-1].when is not None:
        return Verdict(
            ruling=Ruling.UNCOVERED,
            reason="no rule is for the rows that do not meet `when`",
            position=chain[-1].position,
        )
    for verdict in chain:
        if verdict.ruling in {Ruling.REVIEW, Ruling.UNCOVERED}:
            return replace(verdict, when=None)
    if all(verdict.ruling is Ruling.KEEP for verdict in chain):
        return chain[-1]
    made = chain[-1]
    for verdict in reversed(chain[:-1]):
        # The head is a mask even where its first branch keeps: some rows are changed.
        made = replace(verdict, ruling=Ruling.MASK, otherwise=made)
    return made

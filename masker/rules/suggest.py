"""What to write for a column that nobody has decided on: the line to add, ready to copy."""

from __future__ import annotations

import functools
from collections.abc import Container, Mapping
from pathlib import Path

from masker.catalog import Column, Kind, Table, TableName
from masker.detect.names import Proposal
from masker.rules.environment import Environment
from masker.rules.fitting import ONE_TO_ONE, is_unique, problems
from masker.rules.flow import flow, rule_flow
from masker.rules.packs import Pack, fits, load_shipped, shipped
from masker.rules.verdicts import KEEP, REVIEW
from masker.transformers import registry
from masker.transformers.base import Uniqueness

# The first transformer that takes the column's kind; every leaf of a document is scrambled.
_BY_KIND = {"scramble": "scramble", "json": "{use: json, with: {paths: {}}}"}


@functools.cache
def _shelf() -> tuple[Pack, ...]:
    nothing = Environment({}, Path())
    return tuple(load_shipped(name, nothing) for name in shipped())


def suggestion(table: Table, column: Column, proposal: Proposal | None) -> str:
    """Return a verdict, as YAML, that fits a column's kind and keys and what it probably holds.

    A weak proposal counts too: a person reads the suggestion.
    """
    kind = column.type.kind
    unique = is_unique(table, column)
    if unique and proposal is None and kind is not Kind.TEXT:
        return KEEP  # a number that only links rows; it also holds for all that refer to it
    rules = (rule for pack in _shelf() for rule in pack.rules if not rule.match.broad)
    for rule in rules:
        if rule.use in {KEEP, REVIEW} or not fits(rule.match, table, column, proposal, floor=0):
            continue
        transformer = registry.build(rule.use, rule.with_)
        if problems(transformer, column):
            continue
        if not unique or transformer.promises().uniqueness is not Uniqueness.NONE:
            return rule_flow(rule)
    if kind is Kind.TSVECTOR:
        return "recompute"
    if unique:
        return ONE_TO_ONE.get(kind, KEEP)
    for name, written in _BY_KIND.items():
        if kind in registry.get(name).kinds:
            return written
    return flow("null") if column.nullable else KEEP


def lines_to_add(
    table: TableName, verdicts: Mapping[str, str], *, known: Mapping[str, Container[str]]
) -> Mapping[str, str]:
    """Say for each column of a table which line to add, to a pipeline with the tables `known`.

    Where a column has a line already, the one to write instead: a second would be a duplicate key.
    A table that is not there yet gets one line for all its columns, told with the first.
    """
    lines = {column: f"{flow(column)}: {verdict}" for column, verdict in verdicts.items()}
    for key in (str(table), table.name):
        if key in known:
            return {
                column: f"write `{line}` in place of that line, or another verdict"
                if column in known[key]
                else f"add under `columns: {key}:` the line `{line}`, or another verdict"
                for column, line in lines.items()
            }
    whole = f"{flow(str(table))}: {{{', '.join(lines.values())}}}"
    first = next(iter(lines), "")
    other = "another verdict" if len(lines) == 1 else "other verdicts"
    return {
        column: f"add under `columns:` the line `{whole}`, or {other}"
        if column == first
        else f"the line to add for `{table}.{first}` has `{line}`"
        for column, line in lines.items()
    }

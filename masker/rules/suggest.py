"""What to write for a column that nobody has decided on: the line to add, ready to copy."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from masker.catalog import Column, Kind, Table, TableName
from masker.detect.names import Proposal
from masker.rules.environment import Environment
from masker.rules.flow import flow, rule_flow
from masker.rules.packs import Pack, fits, load_shipped, shipped
from masker.rules.verdicts import KEEP, REVIEW
from masker.transformers import registry

# The first transformer that takes the column's kind; every leaf of a document is scrambled.
_BY_KIND = {"scramble": "scramble", "json": "{use: json, with: {paths: {}}}"}


@functools.cache
def _shelf() -> tuple[Pack, ...]:
    nothing = Environment({}, Path())
    return tuple(load_shipped(name, nothing) for name in shipped())


def suggestion(table: Table, column: Column, proposal: Proposal | None) -> str:
    """Return a verdict, as YAML, that fits a column's kind and what it probably holds.

    A weak proposal counts too: a person reads the suggestion.
    """
    rules = (rule for pack in _shelf() for rule in pack.rules if not rule.match.broad)
    for rule in rules:
        if rule.use not in {KEEP, REVIEW} and fits(rule.match, table, column, proposal, floor=0):
            return rule_flow(rule)
    kind = column.type.kind
    if kind is Kind.TSVECTOR:
        return "recompute"
    unique = any(column.name in key.columns for key in table.keys)
    if kind is Kind.TEXT and unique:
        return "alphanumeric"  # one to one
    for name, written in _BY_KIND.items():
        if kind in registry.get(name).kinds:
            return written
    return flow("null") if column.nullable else KEEP


def line_to_add(table: TableName, column: str, verdict: str, *, known: Mapping[str, object]) -> str:
    """Say which line to add to a pipeline whose `columns` has the tables `known`."""
    line = f"{flow(column)}: {verdict}"
    for key in (str(table), table.name):
        if key in known:
            return f"add under `columns: {key}:` the line `{line}`, or another verdict"
    return f"add under `columns:` the line `{flow(str(table))}: {{{line}}}`, or another verdict"

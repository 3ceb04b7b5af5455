"""Add what is new to a pipeline that a person has decided on: lines are added, none is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from masker.catalog import Catalog, Table
from masker.rules.document import Span, spans
from masker.rules.draft import column_line, table_lines
from masker.rules.flow import flow
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Policy
from masker.rules.proposed import Proposed
from masker.rules.resolve import Place

_UNCOVERED = "uncovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The text with what was added, the columns that were, and keys that name nothing any more."""

    text: str
    added: tuple[Place, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Insert:
    at: int
    text: str
    until: int = -1  # what stands there up to here is replaced
    is_table: bool = False


def merge(
    text: str,
    pipeline: Pipeline,
    policy: Policy,
    catalog: Catalog,
    verdicts: Mapping[Place, Proposed],
) -> Merged:
    """Return the text of a pipeline with a line for each column that it leaves uncovered.

    `policy` is what the pipeline decides on the catalog. Everything that stands in the text stays,
    to the byte; what names no column any more is only told.
    """
    open_ = {finding.subject for finding in policy.findings if finding.code == _UNCOVERED}
    new: dict[Table, list[str]] = {}
    for table in catalog.tables:
        named = _named(pipeline, table)
        fresh = [
            column.name
            for column in table.columns
            if f"{table.name}.{column.name}" in open_ and column.name not in named
        ]
        if fresh:
            new[table] = fresh
    # From the end on, so that places stay; a new table comes behind the lines of the last one.
    inserts = sorted(_inserts(text, new, verdicts), key=lambda each: (each.at, each.is_table))
    for each in reversed(inserts):
        text = text[: each.at] + each.text + text[max(each.at, each.until) :]
    return Merged(
        text=text,
        added=tuple((table.name, name) for table, names in new.items() for name in names),
        gone=tuple(
            finding.subject
            for finding in policy.findings
            if finding.code in {"unknown-column", "unknown-table"}
        ),
    )


def _named(pipeline: Pipeline, table: Table) -> set[str]:
    """Return the columns that the pipeline has a line for, by their exact names."""
    keys = (str(table.name), table.name.name)
    return {column for key in keys for column in pipeline.columns.get(key, ())}


def _inserts(
    text: str, new: Mapping[Table, list[str]], verdicts: Mapping[Place, Proposed]
) -> Iterator[_Insert]:
    if not new:
        return
    columns = spans(text).entries.get("columns")
    whole = [(table, table_lines(table, verdicts, only=names)) for table, names in new.items()]
    if columns is None or (columns.flow and not columns.entries):
        block = "".join(f"\n{line}" for _, lines in whole for line in ("", *lines))
        if columns is None:
            yield _Insert(
                len(text), f"{'' if text.endswith(chr(10)) else chr(10)}columns:{block}\n"
            )
        else:
            yield _Insert(columns.start, block.lstrip(" "), columns.end)
        return
    for table, lines in whole:
        key = next((k for k in (str(table.name), table.name.name) if k in columns.entries), None)
        if key is not None:
            yield _into(text, columns.entries[key], table, new[table], verdicts)
        elif columns.flow:
            inner = ", ".join(_flow(table, name, verdicts) for name in new[table])
            yield _Insert(columns.end - 1, f", {flow(str(table.name))}: {{{inner}}}")
        else:
            shift = " " * (columns.indent - 2)
            block = "".join(f"\n{shift}{line}" for line in lines)
            yield _Insert(_line_end(text, columns.end), f"\n{block}", is_table=True)


def _into(
    text: str, of: Span, table: Table, names: list[str], verdicts: Mapping[Place, Proposed]
) -> _Insert:
    """Return the lines of new columns of a table that the text has."""
    if of.flow:
        inner = ", ".join(_flow(table, name, verdicts) for name in names)
        return _Insert(of.end - 1, f", {inner}" if of.entries else inner)
    indent = " " * of.indent
    lines = [column_line(table, name, verdicts[table.name, name]) for name in names]
    return _Insert(_line_end(text, of.end), "".join(f"\n{indent}{line}" for line in lines))


def _flow(table: Table, name: str, verdicts: Mapping[Place, Proposed]) -> str:
    return f"{flow(name)}: {verdicts[table.name, name].written}"


def _line_end(text: str, at: int) -> int:
    """Return where the line ends in which a value does, its comment included."""
    if text[at - 1 : at] == "\n":  # a block of text ends behind its line
        return at - 1
    end = text.find("\n", at)
    return len(text) if end < 0 else end

"""References that the schema does not declare must mean the same rows after masking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from masker.catalog import Kind, TableName
from masker.catalog.links import Link
from masker.findings import Finding, warning
from masker.plan.model import Branch, ColumnPlan
from masker.rules.subset import SubsetRules

Columns = Mapping[TableName, tuple[ColumnPlan, ...]]


def check_references(subset: SubsetRules | None, columns: Columns) -> Iterator[Finding]:
    """Yield a warning for each side of an undeclared reference that is masked unlike the other.

    A foreign key's sides go one way by themselves; these only if the policy says so. A type of a
    polymorphic reference agrees if any branch of the column's verdict does as its parent.
    """
    for edge in subset.edges if subset is not None else ():
        link = edge.link
        if not link.constraint:
            yield from _check(link, columns)


def _check(link: Link, columns: Columns) -> Iterator[Finding]:
    for name, other in zip(link.columns, link.parent_columns, strict=True):
        child, parent = _plan(columns, link.table, name), _plan(columns, link.parent, other)
        if child is None or parent is None or _agree(child, parent):
            continue
        subject = f"{link.table}.{name}"
        yield warning(
            "reference-apart",
            f"`{subject}` refers to `{link.parent}.{other}`, and `{child.use}` on the one and "
            f"`{parent.use}` on the other do not keep them together",
            subject=subject,
            help="give both the same verdict and domain, or keep both"
            + ("; `when:` tells the types apart" if link.when else ""),
        )


def _agree(child: ColumnPlan, parent: ColumnPlan) -> bool:
    if not child.masked or not parent.masked:
        return child.masked == parent.masked
    made = {_way(branch) for branch in parent.branches}
    return any(_way(branch) in made for branch in child.branches)


def _way(branch: Branch) -> tuple[str, str | None, str]:
    """Return what decides which fake a value gets; an integer's space follows from its type."""
    size = branch.site.base if branch.site.kind is Kind.INTEGER else ""
    return repr(branch.transformer), branch.site.domain, size


def _plan(columns: Columns, table: TableName, name: str) -> ColumnPlan | None:
    return next((plan for plan in columns.get(table, ()) if plan.name == name), None)

"""One column's plan: the site, the branches, and whether the transformer fits there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from masker.catalog import Check, Column, Key, Kind, Table
from masker.findings import Finding, error, warning
from masker.plan.model import Branch, ColumnPlan
from masker.plan.suggest import suggestion
from masker.rules.policy import Ruling, Verdict
from masker.transformers.base import Scope, Site, Transformer, Uniqueness

RECOMPUTE = "recompute"
NULL = "null"


def plan_column(
    table: Table, column: Column, verdict: Verdict, *, locale: str, countries: tuple[str, ...]
) -> ColumnPlan:
    """Turn a verdict into what will be done to the column."""
    if verdict.ruling is not Ruling.MASK or verdict.use == RECOMPUTE:
        return ColumnPlan(
            column=column,
            ruling=verdict.ruling,
            use=verdict.use or verdict.ruling.value,
            reason=verdict.reason,
            moved=verdict.ruling is not Ruling.GENERATED and verdict.use != RECOMPUTE,
        )
    site = site_of(table, column, locale=locale, countries=countries, shortest=verdict.length)
    branches = tuple(_branches(verdict, site))
    return ColumnPlan(
        column=column,
        ruling=verdict.ruling,
        use=verdict.use,
        reason=verdict.reason,
        branches=branches,
        uniqueness=_uniqueness(branches),
        unique=tuple(key.name for key in table.keys if column.name in key.columns),
    )


def site_of(
    table: Table,
    column: Column,
    *,
    locale: str,
    countries: tuple[str, ...],
    shortest: int | None = None,
) -> Site:
    """Return where a transformer works, from the catalog alone.

    `shortest` is the length of the shortest column that shares the key: a key and its foreign
    keys get equal fakes only if all are made for the same length.
    """
    kind = column.type
    lengths = [length for length in (kind.length, shortest) if length is not None]
    return Site(
        table=str(table.name),
        column=column.name,
        kind=kind.kind,
        base=kind.base,
        length=min(lengths, default=None),
        precision=kind.precision,
        scale=kind.scale,
        nullable=column.nullable,
        unique=any(key.columns == (column.name,) and not key.expression for key in table.keys),
        labels=kind.labels,
        case_insensitive=kind.case_insensitive,
        locale=locale,
        countries=countries,
    )


def _branches(verdict: Verdict, site: Site) -> Iterator[Branch]:
    current: Verdict | None = verdict
    while current is not None:
        here = replace(site, domain=current.domain, locale=current.locale or site.locale)
        yield Branch(transformer=current.transformer, site=here, when=current.when)
        current = current.otherwise if current.when else None


def _uniqueness(branches: tuple[Branch, ...]) -> Uniqueness:
    # Two branches may give equal values to different rows, whatever each of them promises.
    if len(branches) != 1 or branches[0].transformer is None:
        return Uniqueness.NONE
    return branches[0].transformer.promises().uniqueness


def check_column(table: Table, plan: ColumnPlan) -> Iterator[Finding]:
    """Yield what is wrong with masking this column this way."""
    subject = f"{table.name}.{plan.name}"
    for branch in plan.branches:
        transformer = branch.transformer
        if transformer is None:
            continue
        if branch.site.kind not in transformer.kinds:
            yield _wrong_kind(subject, branch.site, transformer)
            continue
        for sentence in transformer.check(branch.site):
            yield error(
                "unfit",
                f"`{transformer.name}` does not fit `{subject}`: {sentence}",
                subject=subject,
                help="give it other parameters, or the column another transformer: "
                + suggestion(branch.site, instead_of=transformer.name),
            )
        names = {column.name for column in table.columns}
        for needed in transformer.needs():
            if needed not in names:
                yield error(
                    "unknown-column",
                    f"`{transformer.name}` on `{subject}` reads `{needed}`, "
                    f"which `{table.name}` does not have",
                    subject=subject,
                    help="name a column of the same table",
                )
    yield from _to_accept(plan, subject)


def _to_accept(plan: ColumnPlan, subject: str) -> Iterator[Finding]:
    """Yield what a person must accept in writing, once by code: by its id a warning is accepted."""
    told: dict[str, dict[str, None]] = {}
    for branch in plan.branches:
        if branch.transformer is None or branch.site.kind not in branch.transformer.kinds:
            continue
        for code, sentence in branch.transformer.cautions(branch.site):
            told.setdefault(code, {})[sentence] = None
    for code, sentences in told.items():
        yield warning(code, f"`{subject}`: {'; '.join(sentences)}", subject=subject)


def _wrong_kind(subject: str, site: Site, transformer: Transformer) -> Finding:
    kinds = ", ".join(sorted(kind.value for kind in transformer.kinds))
    return error(
        "wrong-kind",
        f"`{transformer.name}` masks {kinds}; `{subject}` is {site.kind.value} ({site.base})",
        subject=subject,
        help=f"this kind is taken by {suggestion(site, instead_of=transformer.name)}",
    )


def check_key(table: Table, key: Key, plans: dict[str, ColumnPlan]) -> Iterator[Finding]:
    """Yield a finding where masking may make two values under a unique constraint equal."""
    for name in key.columns:
        plan = plans.get(name)
        if plan is None or not plan.masked or plan.uniqueness is not Uniqueness.NONE:
            continue
        if plan.use == NULL and not key.primary:
            continue  # NULLs are distinct from each other under a unique constraint
        if _one_to_one_beside(plan, key, plans):
            continue
        subject = f"{table.name}.{name}"
        yield error(
            "not-unique",
            f"`{plan.use}` on `{subject}` may give two rows the same value, "
            f"and the column is under the unique key `{key.name}`",
            subject=subject,
            help="use a transformer that is injective or unique 2^-k: token, digits, "
            "alphanumeric, integer, uuid, email, or `range: format`",
        )


def _one_to_one_beside(plan: ColumnPlan, key: Key, plans: dict[str, ColumnPlan]) -> bool:
    """Tell whether a column of a key stays different wherever another one of the key is equal.

    The other must be as different after masking as before; then no two rows meet in the key.
    """
    if len(plan.branches) != 1 or plan.branches[0].transformer is None:
        return False
    site = plan.branches[0].site
    per = plan.branches[0].transformer.promises().one_to_one_per
    if per is None or per not in key.columns or per == plan.name or site.kind is Kind.TEXT:
        return False
    other = plans.get(per)
    return other is not None and (not other.masked or other.uniqueness is not Uniqueness.NONE)


def check_constraints(table: Table, plans: dict[str, ColumnPlan]) -> Iterator[Finding]:
    """Yield a finding for each CHECK over several columns or exclusion that masking may break."""
    for check in table.checks:
        if len(check.columns) < 2 and not check.exclusion:  # noqa: PLR2004 - one column is no pair
            continue
        for name in check.columns:
            plan = plans.get(name)
            if plan is None or not plan.masked or _reads_row(plan):
                continue
            if _asks_for_null_only(check, name) and _keeps_null(plan):
                continue
            word = "exclusion constraint" if check.exclusion else "CHECK"
            subject = f"{table.name}.{name}"
            yield error(
                "constraint-columns",
                f"`{plan.use}` masks `{subject}` without regard to the {word} `{check.name}` "
                f"over {', '.join(f'`{c}`' for c in check.columns)}",
                subject=subject,
                help="keep the column, or use a transformer that reads the row (`per:`)",
            )


def _reads_row(plan: ColumnPlan) -> bool:
    return all(
        branch.transformer is None or branch.transformer.scope is Scope.ROW
        for branch in plan.branches
    )


def _asks_for_null_only(check: Check, column: str) -> bool:
    """Tell whether every mention of a column in a CHECK is `IS NULL` or `IS NOT NULL`."""
    mention = rf'(?<![\w"])(?:"{re.escape(column)}"|{re.escape(column)})(?![\w"])'
    every = len(re.findall(mention, check.definition))
    asking = len(re.findall(rf"{mention} IS (?:NOT )?NULL\b", check.definition))
    return not check.exclusion and every == asking > 0


def _keeps_null(plan: ColumnPlan) -> bool:
    return all(
        branch.transformer is None
        or (branch.transformer.promises().keeps_null and branch.transformer.name != NULL)
        for branch in plan.branches
    )

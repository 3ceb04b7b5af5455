"""Check 2: rows whose masked value is their own source value, beside what chance gives."""

from __future__ import annotations

from collections.abc import Iterator

from masker.audit.chance import ABOVE_CHANCE, poisson_tail
from masker.audit.columns import place_name, used
from masker.evidence.evidence import ColumnEvidence, Evidence, Place
from masker.evidence.exposure import Exposure
from masker.findings import Finding, error
from masker.plan.model import ColumnPlan
from masker.transformers.base import Scope

# Rows of one subject share one fate under a transformer of row or column scope, and how many
# there are is not known here: so many rows count as one.
_FATE_SHARED = 1000
_LEAST_CHANCE = 1e-9  # of one row to carry a given other row's value, where none is stated
_RARE = 1e-6  # chance of one row above which rows beside each other may coincide
_TELLING = (Exposure.DIRECT, Exposure.DIGITS)
_HELP = "the transformer does not mask every value: this run published nothing; report it"


def check_rows(evidence: Evidence, columns: dict[Place, ColumnPlan]) -> Iterator[Finding]:
    """Yield a leak for every column with more rows equal to their source than chance explains."""
    for place, seen in sorted(evidence.columns.items()):
        column = columns.get(place)
        if column is None or _exempt(column):
            continue
        name = place_name(place)
        if _above_chance(seen, column):
            yield error(
                "leak",
                f"`{column.use}` left {seen.equal} of {seen.written.values} values of `{name}` as "
                f"they were; chance explains {seen.chance:.3g}",
                subject=name,
                help=_HELP,
            )
        expected = 2 * max(seen.chance, seen.written.values * _LEAST_CHANCE)
        if _is_telling(seen) and poisson_tail(seen.shifted, expected) < ABOVE_CHANCE:
            yield error(
                "leak",
                f"`{column.use}` gave {seen.shifted} rows of `{name}` the source value of the row "
                f"beside; chance explains {expected:.3g}",
                subject=name,
                help=_HELP,
            )


def _exempt(column: ColumnPlan) -> bool:
    """Tell columns that may stay as they are: a constant, a shuffle, a branch that keeps."""
    if any(branch.transformer is None for branch in column.branches):
        return True
    promises = [one.promises() for one in used(column)]
    return any(one.data_free or one.reuses_source_values for one in promises)


def _above_chance(seen: ColumnEvidence, column: ColumnPlan) -> bool:
    if not seen.equal:
        return False
    if not all(one.scope is Scope.VALUE for one in used(column)):
        return poisson_tail(seen.equal // _FATE_SHARED, seen.chance / _FATE_SHARED) < ABOVE_CHANCE
    # Rows of one value share one fate, and some values have another chance than others: more rows
    # and more values than chance explains are needed.
    share = seen.chance / max(1, seen.written.values)
    return (
        poisson_tail(seen.equal, seen.chance) < ABOVE_CHANCE
        and poisson_tail(max(1, seen.same.size), share * seen.distinct.size) < ABOVE_CHANCE
    )


def _is_telling(seen: ColumnEvidence) -> bool:
    """Tell columns of long values, where not even two rows carry each other's by chance."""
    telling = sum(p.size for (exposure, _), p in seen.sources.items() if exposure in _TELLING)
    every = sum(prints.size for prints in seen.sources.values())
    return telling > every / 2 and seen.chance <= _RARE * seen.written.values

"""What telephone numbers dial: country code, trunk digit and national number, column by column."""

from __future__ import annotations

import dataclasses
import functools
import re
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from masker.transformers.cells import POWERS, Digits, Flags, Integers, Numbers
from masker.transformers.numbering import BY_AREA, BY_CODE, COUNTRY_CODE, LOCAL, RESERVES

AMERICAN: Final = frozenset({"US", "CA"})  # regions that dial 011 abroad and 1 at home
PLANS: Final = tuple(RESERVES)
_NONE: Final = -1
_AMERICA: Final = 1  # country code
_WHOLE: Final = 9  # digits from which a number without trunk digit is taken for a national one
_LOCAL: Final = 7  # digits of an American number without area code
_TRUNKED: Final = 11  # digits of an American number with its trunk digit


def heads(digits: Digits, *, plus: Flags, region: str | None) -> tuple[Integers, Integers]:
    """Return what of each number stays: how many digits, and the country code (0: none).

    These are the country code with what is dialled before it, or a trunk digit. `plus` marks
    numbers that begin with a `+`. Every row has at least
    five digits.
    """
    leading = digits.leading(6).astype(np.int64)
    first, double = leading // 100_000, ~plus & (leading // 10_000 == 0)
    before = [(plus, leading // 1_000, 0), (double, leading // 10 % 1_000, 2)]
    if region in AMERICAN:
        before.append((~plus & (leading // 1_000 == 11), leading % 1_000, 3))  # noqa: PLR2004 - 011
        home = ~plus & (first == 1) & (digits.counts >= _TRUNKED)
    else:
        home = ~plus & (first == 0)
    lengths, codes = home.astype(np.int64), np.zeros(len(leading), dtype=np.int64)
    for which, triple, dialled in before:
        rows = np.flatnonzero(which)
        size = _code_lengths()[triple[rows]]
        there = (size > 0) & (dialled + size <= digits.counts[rows])
        rows, size = rows[there], size[there]
        lengths[rows] = dialled + size
        codes[rows] = triple[rows] // 10 ** (3 - size)
    return lengths, codes


@dataclass(frozen=True, slots=True)
class National:
    """The national numbers of a column, and which of `PLANS` reserves some in their place.

    `number` has `size` digits; `start` digits stand before it, `head` as a number. `code` is the
    country code, its own or the region's; `plan` is -1 where nothing is reserved.
    """

    head: Numbers
    start: Integers
    size: Integers
    number: Numbers
    code: Integers
    plan: Integers
    mobile: Flags

    @classmethod
    def of(cls, digits: Digits, *, plus: Flags, region: str | None) -> Self:
        """Read numbers; `region` (ISO 3166) takes those without a country code."""
        start, code = heads(digits, plus=plus, region=region)
        trunk = (code == 0) & (start > 0)
        whole = digits.number()
        size = digits.counts - start
        # +49 (0)30 ...: the trunk digit stands although it is not dialled.
        idle = (code > 0) & (code != _AMERICA) & (_code_plans()[code] != _NONE)
        idle &= (size > 0) & (whole % POWERS[size] < POWERS[np.maximum(size - 1, 0)])
        start, size = start + idle, size - idle
        head = whole // POWERS[size]
        number = whole - head * POWERS[size]
        home = RESERVES.get(region or "")
        own = code if home is None else np.where(code > 0, code, int(home.code))
        triple = (number // POWERS[np.maximum(size - 3, 0)]).astype(np.int64)
        plan = _code_plans()[own]
        american = np.flatnonzero(own == _AMERICA)
        local = (code[american] == 0) & (size[american] == _LOCAL)
        areas = _area_plans()[triple[american]]
        plan[american] = np.where(local, PLANS.index(LOCAL), areas)
        least, most = _sizes()
        fits = (size >= least[plan]) & (size <= most[plan])
        fits &= (code > 0) | trunk | (size >= _WHOLE) | (plan == PLANS.index(LOCAL))
        plan[~fits] = _NONE
        return cls(head, start, size, number, own, plan, _mobiles()[plan, triple])

    def at(self, rows: Integers) -> Self:
        """Return the numbers of some rows in ascending order, without a copy where they are all."""
        if len(rows) == len(self.number):
            return self
        return type(self)(*(getattr(self, fact.name)[rows] for fact in dataclasses.fields(self)))


@functools.cache
def _code_lengths() -> Integers:
    """Return by three digits how many of them are the country code; 0 where there is none."""
    code = re.compile(COUNTRY_CODE)
    found = [code.match(f"{number:03d}") for number in range(1000)]
    return np.array([match.end() if match else 0 for match in found])


@functools.cache
def _code_plans() -> Integers:
    """Return the plan by country code; America's is told by area."""
    plans = np.full(1000, _NONE)
    for code, name in BY_CODE.items():
        plans[int(code)] = PLANS.index(name)
    return plans


@functools.cache
def _area_plans() -> Integers:
    """Return the plan by area code of the American numbering plan."""
    plans = np.full(1000, PLANS.index("US"))
    for area, name in BY_AREA.items():
        plans[int(area)] = PLANS.index(name)
    return plans


@functools.cache
def _sizes() -> tuple[Integers, Integers]:
    """Return the least and the most digits of a national number by plan; none fits no plan."""
    sizes = np.array([RESERVES[name].lengths for name in PLANS] + [(1, 0)])
    return sizes[:, 0], sizes[:, 1]


@functools.cache
def _mobiles() -> Flags:
    """Tell by plan and first three digits which national numbers are mobile ones."""
    leading = [f"{number:03d}" for number in range(1000)]
    told = [[bool(re.search(RESERVES[name].mobile, text)) for text in leading] for name in PLANS]
    return np.array([*told, [False] * 1000])

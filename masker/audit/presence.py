"""Check 4: which source values were found where, and whether chance explains it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from masker.audit.chance import ABOVE_CHANCE, poisson_tail, repeated_tail
from masker.audit.columns import LEAFWISE, chance_of, place_name
from masker.audit.places import Figure, Ground, Spot
from masker.audit.recombine import Recombined
from masker.audit.search import Grade
from masker.audit.sieve import Origin
from masker.evidence.evidence import Evidence, Place
from masker.evidence.exposure import Exposure
from masker.evidence.run_key import RunKey
from masker.findings import Finding, error
from masker.keys.forms import Form
from masker.plan.model import ColumnPlan

# A number in running text may be an order number that equals somebody's phone. One that chance
# puts there once in ten thousand runs is taken for what it looks like.
_NUMBER_BY_CHANCE = 1e-4
_LEAST_CHANCE = 1e-9  # of two numbers of a format to be equal, where no chance is stated
# A prefix that is mapped onto another's takes the whole network with it.
_TOGETHER = {"ip": 256}
_PRINT = ["probe", "confirm"]
_NAMED = 3  # masked columns that a finding names
_HELP = {
    Ground.KEPT: "mask the column, or the part of it that holds other columns' values",
    Ground.TEXT: "a source value stands in the schema itself; change it in the source",
    Ground.MIXED: "the target computed it from a column that is kept; mask that one",
    Ground.OPEN: "masking in place missed it: nothing was published; use `fake_text`, or report it",
    Ground.AMENDED: "a statement of `after` wrote it, masking did not; nothing was published",
    Ground.MASKED: "the transformer lets source values through: nothing was published; report it",
}


@dataclass(frozen=True, slots=True)
class Hits:
    """What the search found, and the origins that `origin` numbers."""

    frame: pl.DataFrame  # probe, confirm, spot, grade, origin
    origins: tuple[Origin, ...]

    def told(self) -> pl.DataFrame:
        """Return the hits that count, with `exposure`, `form`, `kept`, `place` of their origin.

        `place` is null for what the audit planted itself.
        """
        about = pl.DataFrame(
            {
                "origin": range(len(self.origins)),
                "exposure": [one.exposure.value for one in self.origins],
                "form": [one.form.value for one in self.origins],
                "kept": [one.kept for one in self.origins],
                "place": [str(one.place) if one.place else None for one in self.origins],
            },
            schema={
                "origin": pl.UInt32,
                "exposure": pl.String,
                "form": pl.String,
                "kept": pl.Boolean,
                "place": pl.String,
            },
        )
        whole, part = pl.col("grade") == Grade.WHOLE, pl.col("grade") == Grade.PART
        number, exposure = pl.col("grade") == Grade.NUMBER, pl.col("exposure")
        counts = (
            pl.when(pl.col("form") == Form.BARE)
            .then(number)
            .when(pl.col("form") == Form.LOCAL)
            .then(part)
            .when(exposure == Exposure.QUASI)
            .then(whole)
            .otherwise(whole | part)
        )
        return self.frame.join(about, on="origin").filter(counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """All that is needed to tell chance from leak."""

    evidence: Evidence
    columns: Mapping[Place, ColumnPlan]
    recombined: Mapping[int, Recombined]
    run_key: RunKey

    def judge(self, spots: list[Spot], hits: Hits) -> Iterator[tuple[Figure, Finding | None]]:
        """Yield the figure of every spot, and the leak that it shows, if any."""
        told = hits.told().filter(pl.col("place").is_not_null())
        masked = [number for number, spot in enumerate(spots) if spot.ground is Ground.MASKED]
        fakes = told.filter(pl.col("spot").is_in(masked)).select(_PRINT).unique()
        texts = [number for number, spot in enumerate(spots) if spot.ground is Ground.OPEN]
        before = told.filter(pl.col("spot").is_in(masked + texts)).select(_PRINT).unique()
        names = self._names_by_chance(spots, told)
        by_spot = told.partition_by("spot", as_dict=True)
        for number, spot in enumerate(spots):
            found = by_spot.get((number,), told.clear())
            if spot.ground in {Ground.MIXED, Ground.OPEN}:
                found = found.join(fakes, on=_PRINT, how="anti")
            if spot.ground is Ground.AMENDED:  # what was there before is judged where it was found
                found = found.join(before, on=_PRINT, how="anti")
            if spot.ground is Ground.OPEN:
                found = found.join(self._in_texts(found), on=_PRINT, how="anti")
            if spot.ground is Ground.MASKED:
                yield self._masked(number, spot, found, told)
            else:
                yield self._other(spot, found, names)

    def _in_texts(self, found: pl.DataFrame) -> pl.DataFrame:
        """Return those of some prints that are of fakes written into texts."""
        wanted = found.select(_PRINT).unique()
        there = [wanted.clear()]
        for column in self.evidence.columns.values():
            for part in column.fakes.parts(self.run_key):
                prints = pl.DataFrame({"probe": part[0], "confirm": part[1]})
                there.append(wanted.join(prints, on=_PRINT, how="semi"))
        return pl.concat(there).unique()

    def _names_by_chance(self, spots: list[Spot], told: pl.DataFrame) -> tuple[int, int]:
        """Return how many fakes of masked columns are full names of the source, and of how many."""
        masked = {
            number: spot.searched
            for number, spot in enumerate(spots)
            if spot.ground is Ground.MASKED and spot.column and spot.column.use == "full_name"
        }
        names = told.filter(
            pl.col("spot").is_in(list(masked)) & (pl.col("exposure") == Exposure.NAME)
        )
        return names.select("spot", *_PRINT).unique().height, sum(masked.values())

    def _other(
        self, spot: Spot, found: pl.DataFrame, by_chance: tuple[int, int]
    ) -> tuple[Figure, Finding | None]:
        """Judge a place where no source value of a masked column belongs."""
        found = found.filter(~pl.col("kept"))
        telling = _count(found, Exposure.DIRECT)
        names = _count(found, Exposure.NAME)
        named = spot.ground not in {Ground.MIXED, Ground.OPEN}
        if spot.ground is Ground.OPEN:  # a name that nobody knew may become somebody's
            counted_names, trials = by_chance
            ratio = max(1, trials) / max(1, spot.searched)
            named = repeated_tail(names, counted_names, ratio) < _NUMBER_BY_CHANCE
        # What the target computes may join two fakes to somebody's name.
        telling += names if named else 0
        numbers = _count(found, Exposure.DIGITS)
        expected = self._numbers_by_chance(spot)
        leaked = numbers and poisson_tail(numbers, expected) < _NUMBER_BY_CHANCE
        total = telling + (numbers if leaked else 0)
        counted = [Exposure.DIRECT]
        counted += [Exposure.NAME] if named else []
        counted += [Exposure.DIGITS] if leaked else []
        leaks = found.filter(pl.col("exposure").is_in([each.value for each in counted]))
        return self._told(spot, found, leaks, total=total, expected=expected)

    def _masked(
        self, number: int, spot: Spot, found: pl.DataFrame, told: pl.DataFrame
    ) -> tuple[Figure, Finding | None]:
        """Judge a masked column: fakes may be source values, as often as chance lets them."""
        found = self._without_kept(spot, found)
        telling = found.filter(pl.col("exposure") != Exposure.QUASI)
        chance = chance_of(spot.column) if spot.column else "nil"
        loose = telling.filter(pl.col("place").is_in(self._loose_places(chance)))
        if spot.column and spot.column.use in LEAFWISE:
            # Its own e-mails and tokens are nobody's by chance, whatever its names and numbers
            # are; a street of a column of streets may be.
            leafwise = [str(place) for place, each in self.columns.items() if each.use in LEAFWISE]
            own = pl.col("place").is_in(leafwise)
            loose = loose.filter((pl.col("exposure") != Exposure.DIRECT) | ~own)
        strict = telling.join(loose.select(_PRINT).unique(), on=_PRINT, how="anti")
        words = _count(strict, Exposure.DIRECT) + _count(strict, Exposure.NAME)
        numbers = _count(strict, Exposure.DIGITS)
        digits_expected = self._numbers_by_chance(spot)
        if chance == "nil" or poisson_tail(numbers, digits_expected) < _NUMBER_BY_CHANCE:
            words += numbers
        else:
            strict = strict.filter(pl.col("exposure") != Exposure.DIGITS)
        seen = loose.select(_PRINT).unique().height
        expected, tail = self._by_chance(number, spot, seen, told, chance)
        above = tail < ABOVE_CHANCE
        total = words + (seen if above else 0)
        leaks = pl.concat([strict, loose]) if above else strict
        return self._told(spot, found, leaks, total=total, expected=expected)

    def _loose_places(self, chance: str) -> list[str]:
        """Return the columns whose source values fakes of a column may equal by chance."""
        if chance == "nil":
            return []
        return [str(place) for place, column in self.columns.items() if chance_of(column) == chance]

    def _by_chance(
        self, number: int, spot: Spot, seen: int, told: pl.DataFrame, chance: str
    ) -> tuple[float, float]:
        """Return how many coincidences chance gives, and the probability of `seen` or more."""
        place = spot.place
        if chance == "nil" or place is None or place not in self.evidence.columns:
            return 0.0, 1.0
        mine = self.evidence.columns[place]
        if chance == "pool" or (spot.numeric and not mine.chance):
            return self.recombined.get(number, Recombined()).chance(told, seen=seen, of=spot)
        share = max(mine.chance / max(1, mine.written.values), _LEAST_CHANCE)
        loose = self._loose_places(chance)
        sources = sum(
            prints.size
            for other, column in self.evidence.columns.items()
            if str(other) in loose
            for (exposure, _), prints in column.sources.items()
            if exposure is not Exposure.QUASI
        )
        expected = share * sources * spot.searched
        together = _TOGETHER.get(spot.column.use, 1) if spot.column else 1
        return expected, poisson_tail(seen // together, expected / together)

    def _without_kept(self, spot: Spot, found: pl.DataFrame) -> pl.DataFrame:
        """Leave out what a branch of the column's own verdict keeps."""
        mine = (pl.col("place") == str(spot.place)) & pl.col("kept")
        kept = found.filter(mine).select(_PRINT)
        return found.filter(~pl.col("kept")).join(kept, on=_PRINT, how="anti")

    def _numbers_by_chance(self, spot: Spot) -> float:
        """Return how many runs of digits equal one of as many source numbers by chance."""
        return sum(
            count * column.lengths.get(length, 0) / 10.0**length
            for length, count in spot.numbers.items()
            for column in self.evidence.columns.values()
        )

    def _told(
        self, spot: Spot, found: pl.DataFrame, leaks: pl.DataFrame, *, total: int, expected: float
    ) -> tuple[Figure, Finding | None]:
        """Return the figure of a place, and a finding that names the columns of its leaks."""
        every = found.select(_PRINT).unique().height
        mine = self.evidence.columns.get(spot.place) if spot.place else None
        figure = Figure(
            subject=spot.subject,
            ground=spot.ground.value,
            searched=spot.searched,
            found=total,
            expected=expected,
            coincident=max(0, every - total),
            short=mine.short if mine else 0,
        )
        if not total:
            return figure, None
        values = "1 source value" if total == 1 else f"{total:,} source values"
        verb = "is" if total == 1 else "are"
        return figure, error(
            "leak",
            f"{values} of {self._named(leaks)} {verb} in `{spot.subject}`",
            subject=spot.subject,
            help=_HELP[spot.ground],
        )

    def _named(self, leaks: pl.DataFrame) -> str:
        """Return the masked columns that values come from, those with the most of them first."""
        names = {str(place): place_name(place) for place in self.evidence.columns}
        counts = leaks.select("place", *_PRINT).unique().group_by("place").len()
        # By name too, so that equal counts come in one order.
        ranked = sorted(counts.iter_rows(), key=lambda each: (-each[1], names[each[0]]))
        told = [f"`{names[place]}`" for place, _ in ranked[:_NAMED]]
        more = len(ranked) - len(told)
        if more:
            told.append(f"{more} more column{'' if more == 1 else 's'}")
        return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _count(found: pl.DataFrame, exposure: Exposure) -> int:
    return found.filter(pl.col("exposure") == exposure).select(_PRINT).unique().height

"""How many names that are nobody's on purpose are somebody's by chance.

Fakes of several words are made of words picked one by one, and the last digits of a number know
nothing of the first. Recombined at random they are as likely to be a source value as they were;
what a transformer lets through is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from masker.audit.chance import repeated_tail
from masker.audit.places import Spot
from masker.audit.search import Grade
from masker.audit.sieve import Sieve
from masker.evidence.exposure import Exposure
from masker.evidence.fingerprints import Fingerprinter

_LAST_WORD, _LAST_DIGITS = r"( \S+)$", r"(.{2})$"
_MOST_ROUNDS = 64
_LOOKED_UP = 1_000_000  # recombined values per column
_FIRST_SPOT = 1 << 24  # numbers of rounds stand above those of spots


@dataclass(frozen=True, slots=True)
class Recombined:
    """Rounds of recombined fakes of one column; each was looked up as a spot of its own."""

    first: int = 0
    rounds: int = 0
    sampled: int = 0

    def chance(self, told: pl.DataFrame, *, seen: int, of: Spot) -> tuple[float, float]:
        """Return how many coincidences chance gives, and the probability of `seen` or more."""
        if not seen:
            return 0.0, 1.0
        if not self.rounds:
            return 0.0, repeated_tail(seen, 0, 1.0)
        ours = pl.col("spot").is_between(self.first, self.first + self.rounds - 1)
        names = pl.col("exposure") != Exposure.QUASI
        found = told.filter(ours & names).select("spot", "probe", "confirm").unique().height
        # A sample says less about the whole than its rounds would about itself.
        scale = self.sampled / max(self.sampled, of.searched)
        trials = self.rounds * scale
        return found / trials, repeated_tail(seen, found, trials)


def recombine(
    spots: list[Spot], *, sieve: Sieve, fingerprint: Fingerprinter
) -> dict[int, Recombined]:
    """Look up recombined fakes of every spot that has a sample of them."""
    made: dict[int, Recombined] = {}
    first = _FIRST_SPOT
    for number, spot in enumerate(spots):
        size = len(spot.sample)
        rounds = min(_MOST_ROUNDS, size - 1, max(1, _LOOKED_UP // max(1, size)))
        if rounds < 1:
            continue
        values = pl.DataFrame({"value": sorted(spot.sample)}).sample(
            fraction=1, shuffle=True, seed=1
        )
        parts = values.select(
            head=pl.col("value").str.replace(_LAST_DIGITS if spot.numeric else _LAST_WORD, ""),
            tail=pl.col("value").str.extract(_LAST_DIGITS if spot.numeric else _LAST_WORD),
        )
        grade = Grade.NUMBER if spot.numeric else Grade.WHOLE
        step = size // (rounds + 1)
        for turn in range(rounds):
            lag = 1 + turn * step
            tails = pl.concat([parts["tail"].slice(lag), parts["tail"].head(lag)])
            joined = pl.select(pl.concat_str(parts["head"], tails)).to_series()
            sieve.look(fingerprint(joined.unique()), spot=first + turn, grade=grade)
        made[number] = Recombined(first, rounds, size)
        first += rounds
    return made

"""The leak gate: everything to look for, everywhere it was looked for, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from masker.audit.canaries import canaries, sought
from masker.audit.columns import LEAFWISE, chance_of
from masker.audit.places import Figure, Ground, Spot
from masker.audit.presence import Hits, Presence
from masker.audit.recombine import recombine
from masker.audit.search import Search
from masker.audit.sieve import Origin, Sieve
from masker.errors import Bug
from masker.evidence.evidence import Evidence, Place
from masker.evidence.exposure import LONG_BARE, NUMBERS, Exposure
from masker.evidence.fingerprints import Fingerprinter, PrintSet
from masker.evidence.run_key import RunKey
from masker.findings import Finding
from masker.keys.forms import Form, bare, folded
from masker.plan.model import ColumnPlan

_SAMPLE = 20_000  # fakes of several words kept per column


class Gate:
    """Search places through `search`, then ask for the verdict once."""

    def __init__(
        self, evidence: Evidence, *, columns: Mapping[Place, ColumnPlan], run_key: RunKey
    ) -> None:
        self._evidence = evidence
        self._run_key = run_key
        self._columns = columns
        self._planted = canaries()
        self._sieve = Sieve([*_sources(evidence), *sought(self._planted, key=run_key)], run_key)
        self.fingerprint = Fingerprinter(run_key)
        self.search = Search(self._sieve, self.fingerprint)
        self.canaries = 0

    def sample(self, spot: int, values: pl.Series) -> None:
        """Keep some fakes of a masked column, for telling chance from leak."""
        there = self.search.spots[spot]
        room = _SAMPLE - len(there.sample)
        if there.ground is not Ground.MASKED or there.column is None or room <= 0:
            return
        there.numeric = there.column.use in NUMBERS
        if chance_of(there.column) == "nil" or there.column.use in LEAFWISE:
            return
        fakes = values.drop_nulls().unique().head(room)
        if there.numeric:
            digits = bare(fakes)
            there.sample.update(digits.filter(digits.str.len_bytes() >= LONG_BARE))
        else:
            whole = folded(fakes)
            there.sample.update(whole.filter(whole.str.contains(" ", literal=True)))

    def judge(self) -> list[tuple[Figure, Finding | None]]:
        """Return every place's figure and the leak that it shows, if any.

        Raises Bug when the search does not find what it planted itself: then nothing that it says
        can be trusted.
        """
        places = list(self.search.spots)
        recombined = recombine(places, sieve=self._sieve, fingerprint=self.fingerprint)
        planted = self._plant()
        hits = Hits(*self._sieve.hits())
        _prove(planted, hits)
        self.canaries = len(planted)
        presence = Presence(
            evidence=self._evidence,
            columns=self._columns,
            recombined=recombined,
            run_key=self._run_key,
        )
        return list(presence.judge(places, hits))

    def _plant(self) -> dict[int, str]:
        """Search the disguises of every canary like values of a kept column."""
        planted: dict[int, str] = {}
        for canary in self._planted:
            for disguise in canary.disguises:
                spot = self.search.add(Spot(subject=canary.name, ground=Ground.KEPT))
                self.search.look(pl.Series([disguise]), spot=spot)
                planted[spot] = canary.name
        return planted


def _sources(evidence: Evidence) -> list[tuple[Origin, PrintSet]]:
    found: list[tuple[Origin, PrintSet]] = []
    for place, column in sorted(evidence.columns.items()):
        found += [
            (Origin(place, exposure, form), prints)
            for (exposure, form), prints in sorted(column.sources.items())
        ]
        found += [
            (Origin(place, Exposure.DIRECT, form, kept=True), column.kept)
            for form in (Form.WHOLE, Form.BARE)
        ]
    return found


def _prove(planted: Mapping[int, str], hits: Hits) -> None:
    """Raise Bug unless every canary was found."""
    found = set(hits.told().filter(pl.col("place").is_null())["spot"])
    missed = [name for spot, name in planted.items() if spot not in found]
    if missed:
        raise Bug(
            f"the search for leaks did not find what it planted itself: {', '.join(missed)}",
            help="nothing was published; please report it with the versions in the manifest",
            code="canary-missed",
        )

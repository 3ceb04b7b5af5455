"""Check 5: the detectors again, over columns that the policy keeps.

Check 4 looks for source values of masked columns; what stands in a kept column and nowhere else is
no source value of one. So a sample of every kept text is looked at for what personal data looks
like, whoever's it is. Counts leave this room, never a value.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from masker.audit.columns import place_name
from masker.catalog import Kind
from masker.detect.detector import Detector
from masker.detect.entities import Entity
from masker.detect.values import Judgement, judge_values
from masker.evidence.evidence import Place
from masker.findings import Finding, note, warning
from masker.plan.model import ColumnPlan, Plan

_KINDS = frozenset({Kind.TEXT, Kind.JSON, Kind.XML, Kind.ARRAY})
_VALUES = 500  # distinct values of a column that are looked at
_LONGEST = 2000  # characters of a value that are looked at
_PERHAPS = "[0-9@]"  # what names somebody by its form holds one of these
# What says by its form or checksum that somebody is named; names and places do not.
_TELLING = frozenset(
    {
        Entity.EMAIL_ADDRESS,
        Entity.PHONE_NUMBER,
        Entity.CREDIT_CARD,
        Entity.IBAN_CODE,
        Entity.NATIONAL_ID,
        Entity.TAX_ID,
        Entity.STREET_ADDRESS,
        Entity.SECRET,
        Entity.PASSWORD,
        Entity.CRYPTO,
    }
)
# Of these one is enough; titles and codes look like one of the others now and then.
_SURE = frozenset(
    {
        Entity.EMAIL_ADDRESS,
        Entity.CREDIT_CARD,
        Entity.IBAN_CODE,
        Entity.SECRET,
        Entity.PASSWORD,
    }
)
_OFTEN = 0.05  # share of the values looked at that is no coincidence
_BY_A_PERSON = "of the pipeline"  # how the reason of a verdict ends that the pipeline itself gives


@dataclass(frozen=True, slots=True)
class _Sample:
    """Distinct values of one kept column, those with the lowest hashes."""

    column: ColumnPlan
    values: pl.DataFrame  # value, hash


class SecondLook:
    """Takes samples of kept columns while the target is read, and looks at them once."""

    def __init__(self, plan: Plan) -> None:
        self._samples: dict[Place, _Sample] = {}
        self._seed = secrets.randbits(32)
        self._lock = threading.Lock()
        sites = (
            branch.site
            for step in plan.steps
            for column in step.masked
            for branch in column.branches
        )
        self._countries = tuple(sorted({each for site in sites for each in site.countries}))

    def see(self, place: Place, column: ColumnPlan, values: pl.Series) -> None:
        """Keep some of the distinct values of a batch of a kept column, wherever they stand."""
        if column.column.type.kind not in _KINDS:
            return
        text = values.drop_nulls().str.head(_LONGEST).unique().alias("value")
        text = text.filter(text.str.contains(_PERHAPS))
        frame = pl.DataFrame({"value": text, "hash": text.hash(self._seed)})
        with self._lock:
            if place in self._samples:
                frame = pl.concat([self._samples[place].values, frame]).unique("value")
            lowest = frame.bottom_k(_VALUES, by="hash")
            self._samples[place] = _Sample(column, lowest)

    def findings(self) -> Iterator[Finding]:
        """Yield what looks like personal data, by column; each is a warning to be accepted.

        Where the pipeline itself keeps the column a person has decided: then it is a note.
        """
        samples = {place: each for place, each in self._samples.items() if each.values.height}
        if not samples:
            return
        detector = Detector(countries=self._countries)
        for place, sample in sorted(samples.items()):
            values = sample.values.sort("hash")["value"]
            judged = judge_values(values, detector.find(values))
            told = [each for each in judged if _tells(each, looked_at=len(values))]
            if told:
                yield _told(place, sample.column, told, looked_at=len(values))


def _tells(judged: Judgement, *, looked_at: int) -> bool:
    if judged.entity not in _TELLING:
        return False
    return judged.entity in _SURE or judged.hits >= _OFTEN * looked_at


def _told(place: Place, column: ColumnPlan, judged: list[Judgement], *, looked_at: int) -> Finding:
    name = place_name(place)
    what = ", ".join(f"{each.entity} in {each.hits:,}" for each in judged)
    message = (
        f"`{name}` is kept and looks like personal data: {what} of {looked_at:,} distinct values "
        "that were looked at"
    )
    if column.reason.endswith(_BY_A_PERSON):
        return note("kept-personal", message, subject=name, help="mask it unless it is nobody's")
    return warning(
        "kept-personal",
        message,
        subject=name,
        help="mask the column; or keep it by name in the pipeline if it is nobody's",
    )

"""What is seen in the sample of a table: its columns' values, documents and attributes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from masker.catalog import Column, Table, TableName
from masker.detect.births import may_be_births
from masker.detect.checked import ENOUGH, numbers_checked
from masker.detect.detector import Detector
from masker.detect.entities import Entity
from masker.detect.fields import are_documents, field_entities, named_entities
from masker.detect.holders import attributes_of
from masker.detect.values import Judgement, Verdict, judge_values
from masker.detect.weigh import (
    Looked,
    is_files,
    is_flags,
    is_handles,
    is_labels,
    is_phrases,
    is_tokens,
    is_uuids,
)
from masker.detect.words import DOCUMENTS, NUMBERS
from masker.survey import Sample

Place = tuple[TableName, str]
_FILE = r"[^@]\.[A-Za-z][A-Za-z0-9]{1,4}$"
_LINK = r"^(?:https?|ftp)://"
_SEAM = r"[_+./\\-]|%20|[0-9]+"
_NAMED = 0.7
_FEW = 3
_RARE = 0.02
_CHECKED = 8  # digits of the shortest number with a check digit
_DIGITS = r"^[0-9]+$"
_BY_DIGITS = frozenset({Entity.CREDIT_CARD, Entity.NATIONAL_ID, Entity.TAX_ID})


class Eyes:
    """Look at samples with one detector."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._today = dt.datetime.now(dt.UTC).date()

    def look(self, table: Table, sample: Sample) -> Iterator[tuple[Place, Looked]]:
        """Yield what is in each column of a sample."""
        attributes, values = attributes_of(table)
        named = [
            each
            for name in sorted(attributes & set(sample.rows.columns))
            for each in named_entities(sample.rows[name])
        ]
        for name in sample.rows.columns:
            beside = tuple(sorted(set(named))) if name in values else ()
            made = self._column(sample.rows[name], table.column(name), beside, sample)
            yield (table.name, name), made

    def _column(
        self, column: pl.Series, of: Column, beside: tuple[Entity, ...], sample: Sample
    ) -> Looked:
        filled_in = column.filter(column.str.strip_chars().str.len_bytes() > 0)
        # Neither name may be the column's own, which can be any.
        counted = filled_in.alias("value").value_counts(name="rows").sort("value")
        values, counts = counted["value"], counted["rows"]
        if values.is_empty():
            return Looked(power=sample.power)
        seen = Looked(
            rows=int(counts.sum()),
            distinct=len(values),
            power=sample.power,
            births=may_be_births(values, today=self._today),
        )
        if of.type.kind in NUMBERS:
            return replace(seen, judgements=self._numbers(values, counts))
        if is_uuids(values):
            return replace(seen, uuids=True)
        found = self._detector.find(values)
        documents = of.type.kind in DOCUMENTS or bool(beside) or are_documents(values)
        fields = field_entities(values) if documents else ()
        judged = judge_values(values, found, counts)
        checked = () if any(each.verdict is Verdict.IS for each in judged) else _checked(values)
        return replace(
            seen,
            judgements=(*checked, *judged, *self._files(values)),
            fields=tuple(sorted({*fields, *beside})),
            flags=is_flags(values),
            labels=is_labels(values, counts) and found.frame.is_empty(),
            phrases=is_phrases(values),
            handles=is_handles(values),
            files=is_files(values),
            tokens=is_tokens(values),
            failed=found.failed["value_index"].n_unique(),
        )

    def _files(self, values: pl.Series) -> tuple[Judgement, ...]:
        """Return whether values are names of files, some of which are called like people."""
        files = values.filter(values.str.contains(_FILE) & ~values.str.contains(_LINK))
        if 2 * files.len() < values.len():
            return ()
        words = files.str.replace_all(_SEAM, " ")
        found = self._detector.find(words).frame.filter(
            pl.col("entity") == Entity.PERSON, pl.col("score") >= _NAMED
        )
        hits = found["value_index"].n_unique()
        if hits < max(_FEW, _RARE * values.len()):
            return ()
        return (
            Judgement(
                entity=Entity.FILE_PATH,
                verdict=Verdict.CONTAINS,
                score=_NAMED,
                share=hits / values.len(),
                rows=hits / values.len(),
                hits=hits,
                evidence=(f"{hits} of {values.len()} files are called like people", "dictionary"),
            ),
        )

    def _numbers(self, values: pl.Series, counts: pl.Series) -> tuple[Judgement, ...]:
        """Return what the check digits of whole numbers say; shorter ones have none."""
        long = values.str.len_chars() >= _CHECKED
        if 2 * int(long.sum()) < values.len() or not values.str.contains(_DIGITS).all():
            return ()
        judged = judge_values(values, self._detector.find(values), counts)
        cards = [
            each
            for each in judged
            if each.verdict is Verdict.IS and each.hits >= ENOUGH and each.entity in _BY_DIGITS
        ]
        return (*cards, *_checked(values))


def _checked(values: pl.Series) -> tuple[Judgement, ...]:
    made = numbers_checked(values)
    return () if made is None else (made,)

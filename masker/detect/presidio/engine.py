"""Presidio over columns: each recognizer sees only the texts that its gate lets through.

What it finds is what Presidio's own `AnalyzerEngine` finds in each text with the same recognizers,
words and floors (`plain`): a gate is passed by every text in which its recognizer could find
something, findings of different entities do not touch each other in Presidio, and the steps after
the recognizers are Presidio's own. Fuzzed and real-looking texts hold it in tests/detect/presidio.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import polars as pl
from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    LemmaContextAwareEnhancer,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
    RecognizerResult,
    pattern_recognizer,
)

from masker.detect.gates import gate
from masker.detect.presidio.forms import forms
from masker.detect.presidio.generic import Phone, generic
from masker.detect.presidio.national import national
from masker.detect.presidio.quiet import muted
from masker.detect.presidio.words import LANGUAGE, Words

_EVERY_TEXT = r"(?s:.)"
_NEARLY = 0.9  # clocks differ


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding in one text; `start` and `end` count characters."""

    row: int
    entity: str
    start: int
    end: int
    score: float
    recognizer: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A recognizer that did not finish on one text; `reason` names a kind of error, no value."""

    row: int
    recognizer: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Sense:
    """A recognizer with its gate: what a text must match, and what it must not be as a whole."""

    recognizer: EntityRecognizer
    gate: str
    never: str | None

    @property
    def name(self) -> str:
        return str(getattr(self.recognizer, "name"))  # noqa: B009 - untyped in Presidio

    def candidates(self, texts: pl.Series) -> pl.DataFrame:
        """Return the texts that pass: row, text."""
        passes = pl.col("text").str.contains(self.gate)
        if self.never is not None:
            passes &= ~pl.col("text").str.contains(self.never)
        return texts.alias("text").to_frame().with_row_index("row").filter(passes)


class Engine:
    """Presidio's recognizers over distinct texts, without network and model."""

    def __init__(self, countries: tuple[str, ...] = ()) -> None:
        with muted():
            self._words = Words()
            self._senses = [
                _sense(each) for each in (*generic(countries), *forms(), *national(countries))
            ]
            # Whole words only: `cell` is no context in `cancelled`, nor `tel` in `hotel`
            self._context = LemmaContextAwareEnhancer(context_matching_mode="whole_word")

    @property
    def recognizers(self) -> list[EntityRecognizer]:
        """Return the recognizers in their order."""
        return [sense.recognizer for sense in self._senses]

    @property
    def entities(self) -> list[str]:
        """Return every entity that can be found."""
        return sorted({each.supported_entities[0] for each in self.recognizers})

    def plain(self) -> AnalyzerEngine:
        """Return Presidio's own engine over the same recognizers: the measure of this one."""
        return AnalyzerEngine(
            registry=RecognizerRegistry(
                recognizers=self.recognizers, supported_languages=[LANGUAGE]
            ),
            nlp_engine=self._words,
            supported_languages=[LANGUAGE],
            context_aware_enhancer=self._context,
        )

    def find(self, texts: pl.Series) -> tuple[list[Hit], list[Failure]]:
        """Return what the recognizers find in a String series without nulls.

        `row` counts from 0 in the order of `texts`; hits are in order of rows, then places. A
        recognizer that fails on a text, or that may have been stopped by its time limit, is a
        failure of that text and not silence.
        """
        found: dict[int, list[RecognizerResult]] = {}
        failures: list[Failure] = []
        looked_at: dict[int, str] = {}
        with muted():
            for sense in self._senses:
                clock = _Clock()
                for row, text in sense.candidates(texts).iter_rows():
                    results, failure = _analyzed(sense.recognizer, text)
                    clock.tick(row)
                    if results:
                        found.setdefault(row, []).extend(results)
                        looked_at[row] = text
                    if failure:
                        failures.append(Failure(row, sense.name, failure))
                failures += [Failure(row, sense.name, "TimeoutError") for row in clock.late()]
            hits = [
                Hit(row, each.entity_type, each.start, each.end, each.score, _name(each))
                for row in sorted(found)
                for each in self._settled(looked_at[row], found[row])
            ]
        return hits, failures

    def _settled(self, text: str, results: list[RecognizerResult]) -> Iterable[RecognizerResult]:
        """Lift scores by context words, drop what is below its floor, then what is in another."""
        # Context lifts up to the highest score, so what has it is left as it is
        unsure = [each for each in results if each.score < EntityRecognizer.MAX_SCORE]
        if unsure:
            lifted = self._context.enhance_using_context(
                text=text,
                raw_results=unsure,
                nlp_artifacts=self._words.process_text(text, LANGUAGE),
                recognizers=self.recognizers,
            )
            results = [each for each in results if each.score >= EntityRecognizer.MAX_SCORE]
            results += lifted
        floors = {each.id: each.score_thresholds for each in self.recognizers}
        kept = [each for each in results if each.score >= floors[_id(each)][each.entity_type]]
        if len(kept) > 1:
            kept = EntityRecognizer.remove_duplicates(kept)
        return sorted(kept, key=lambda each: (each.start, each.end, each.entity_type))


def _sense(recognizer: EntityRecognizer) -> _Sense:
    if isinstance(recognizer, Phone):
        loose = gate([(recognizer.SEVEN, False)])
        never = "|".join(f"^(?:{whole})$" for whole in recognizer.NEVER)
        return _Sense(recognizer, loose or _EVERY_TEXT, never)
    assert isinstance(recognizer, PatternRecognizer)  # noqa: S101 - the shelf holds nothing else
    patterns: list[Pattern] = getattr(recognizer, "patterns")  # noqa: B009 - untyped in Presidio
    ignores_case = bool((recognizer.global_regex_flags or 0) & re.IGNORECASE)
    loose = gate([(pattern.regex, ignores_case) for pattern in patterns])
    return _Sense(recognizer, loose or _EVERY_TEXT, None)


def _analyzed(recognizer: EntityRecognizer, text: str) -> tuple[Sequence[Any], str]:
    """Return what one recognizer finds, and why it did not finish."""
    try:
        # No recognizer of a pattern asks for the words of the text
        return recognizer.analyze(text, recognizer.supported_entities, cast("Any", None)), ""
    except Exception as failure:  # noqa: BLE001 - a vendor's error, which may hold the text
        return (), type(failure).__name__


class _Clock:
    """Tells on which texts a recognizer may have run out of time.

    A pattern that runs out of time is skipped without a word; so much time means it may have. Its
    clock is the process's, on which other threads' time counts, too; to read that for each text
    would cost as much as a pattern, so it is read once, and where all texts together took as long,
    those count that took their share of the limit by the wall's clock.
    """

    def __init__(self) -> None:
        self._began = time.process_time()
        self._last = time.monotonic()
        self._took: list[tuple[int, float]] = []

    def tick(self, row: int) -> None:
        """Note that a recognizer is done with a text."""
        now = time.monotonic()
        self._took.append((row, now - self._last))
        self._last = now

    def late(self) -> list[int]:
        """Return the rows of texts on which it may not have finished."""
        limit = _NEARLY * pattern_recognizer.REGEX_TIMEOUT_SECONDS
        shared = time.process_time() - self._began >= limit
        each = limit / (os.cpu_count() or 1) if shared else limit
        return [row for row, took in self._took if took >= each]


def _id(result: RecognizerResult) -> str:
    return str(result.recognition_metadata[RecognizerResult.RECOGNIZER_IDENTIFIER_KEY])


def _name(result: RecognizerResult) -> str:
    return str(result.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY])

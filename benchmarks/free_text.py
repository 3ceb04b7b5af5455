"""Free text masked in place beside plain Presidio: what is found, what else is lost, and speed.

All look at the letters of `letters.py` without a model: Presidio's `AnalyzerEngine` as it comes,
the same with masker's recognizers, and masker, which also has the people of the data set, its
dictionaries and, in strict texts, unknown capitalised words. Recall is the share of identifying
pieces that are covered whole; `other` is the share of all other letters and digits that is covered
as well. Speed is in texts per second of processor time, the median of interleaved rounds.
presidio-structured, where it is installed, calls the column one entity and replaces every value of
it whole; it is asked once.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from presidio_analyzer import AnalyzerEngine

sys.path.insert(0, str(Path(__file__).parent))

from columns import STRUCTURED, entity_of, has_structured
from letters import COUNTRIES, Letter, Person, letters

from masker.detect.presidio.engine import Engine
from masker.detect.presidio.quiet import muted
from masker.detect.presidio.words import Words
from masker.evidence import RunKey
from masker.keys import Keyring
from masker.survey import KnownValues, gather
from masker.transformers import Site, build
from masker.transformers.base import Way
from masker.transformers.free_text import FreeText

GOAL = 3.0  # times the speed of Presidio as it comes
USES = ("first_name", "last_name", "email", "phone")
SITE = Site(countries=tuple(COUNTRIES.values()))
Spans = list[list[tuple[int, int]]]


def knowing(people: list[Person], run_key: RunKey, **params: object) -> FreeText:
    """Return `free_text` as it is in a run whose data set holds these people."""
    ways = tuple(Way(build(use), SITE) for use in USES)
    values = [
        (use, way, pl.Series(sorted({getattr(person, use) for person in people})))
        for way, use in enumerate(USES)
    ]
    known = KnownValues(gather(values, run_key=run_key), run_key)
    made = build("free_text", params).beside(ways, ()).knowing(known)
    assert isinstance(made, FreeText)
    return made


def presidio(engine: AnalyzerEngine, texts: list[str]) -> Spans:
    """Return what an engine of Presidio finds."""
    with muted():
        return [[(hit.start, hit.end) for hit in engine.analyze(text, "en")] for text in texts]


def measured(made: list[Letter], found: Spans) -> dict[str, float]:
    """Return recall by kind, and the share of other letters and digits that are covered."""
    hit: dict[str, int] = {}
    every: dict[str, int] = {}
    other = lost = 0
    for letter, spans in zip(made, found, strict=True):
        covered = {at for start, end in spans for at in range(start, end)}
        named: set[int] = set()
        for kind, start, end in letter.places:
            places = {at for at in range(start, end) if letter.text[at].isalnum()}
            named |= places
            every[kind] = every.get(kind, 0) + 1
            hit[kind] = hit.get(kind, 0) + (places <= covered)
        rest = {at for at, sign in enumerate(letter.text) if sign.isalnum()} - named
        other += len(rest)
        lost += len(rest & covered)
    recall = {kind: hit[kind] / every[kind] for kind in sorted(every)}
    return {**recall, "other": lost / other}


def timed(work: Callable[[], object]) -> tuple[float, object]:
    began = time.process_time()
    done = work()
    return time.process_time() - began, done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--later", action="store_true", help="the templates that came later")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    made, people = letters(given.texts, later=given.later)
    texts = pl.Series([letter.text for letter in made])
    keys = Keyring.ephemeral()
    shipped = AnalyzerEngine(nlp_engine=Words(), supported_languages=["en"])
    same = Engine(SITE.countries).plain()
    with RunKey.random() as run_key:
        strict, loose = knowing(people, run_key), knowing(people, run_key, strict=False)
        ways: dict[str, Callable[[pl.Series], object]] = {
            "presidio as it comes": lambda some: presidio(shipped, some.to_list()),
            "presidio, our recognizers": lambda some: presidio(same, some.to_list()),
            "masker, found": lambda some: strict.spans(some, site=SITE),
            "masker, rewritten": lambda some: strict.apply(some, site=SITE, keys=keys, others={}),
        }
        for way in ways.values():  # dictionaries and pools are read once per process
            way(texts.head(8))
        took: dict[str, list[float]] = {name: [] for name in ways}
        done: dict[str, object] = {}
        for _ in range(given.rounds):
            for name, way in ways.items():
                seconds, done[name] = timed(lambda way=way: way(texts))  # type: ignore[misc]
                took[name].append(seconds)
        told = {
            name: measured(made, done[name])  # type: ignore[arg-type]
            for name in list(ways)[:3]
        }
        if has_structured():
            seconds, entity = timed(lambda: entity_of(texts))
            whole: Spans = [[(0, len(text))] if entity else [] for text in texts]
            told[STRUCTURED] = measured(made, whole)
            took[STRUCTURED] = [seconds]
        told["masker, not strict"] = measured(made, loose.spans(texts, site=SITE))
    speed = {name: given.texts / statistics.median(seconds) for name, seconds in took.items()}
    ratio = speed["masker, found"] / speed["presidio as it comes"]
    speed["ratio of found to as it comes"] = ratio
    if not has_structured() and not given.json:
        print(f"{STRUCTURED} is not installed, so it is left out")
    if given.json:
        print(json.dumps({"found": told, "speed": speed, "machine": platform.platform()}))
    else:
        kinds = list(told["masker, found"])
        print(f"{'':26}" + "".join(f"{kind:>9}" for kind in kinds))
        for name, figures in told.items():
            print(f"{name:26}" + "".join(f"{figures[kind]:9.3f}" for kind in kinds))
        for name, value in speed.items():
            print(f"{name:32} {value:10,.2f}")
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())

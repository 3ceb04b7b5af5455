"""Columns of values that are told apart: masker, Presidio as it comes, presidio-structured.

Each column holds values of one kind; those of `PERSONAL` should be found, those of `ORDINARY` not.
Names are not given to anybody: values alone tell. presidio-structured is not masker's dependency;
where it is not installed, its figures are left out.
"""

from __future__ import annotations

import importlib.util
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
from faker import Faker
from presidio_analyzer import AnalyzerEngine

from masker.detect.detector import Detector
from masker.detect.presidio.quiet import muted
from masker.detect.presidio.words import Words
from masker.detect.values import judge_values
from masker.transformers.person.known import known_words

LOCALES = {"en_US": "US", "de_DE": "DE", "fr_FR": "FR", "es_ES": "ES", "it_IT": "IT", "pl_PL": "PL"}
PERSONAL = ("email", "phone_number", "iban", "credit_card_number", "street_address", "name",
            "first_name", "last_name", "ipv4", "ssn", "mac_address", "user_agent")  # fmt: skip
# Given and family names that are in no list of Faker's.
UNLISTED_GIVEN = (
    "Ximeno Quirin Ottoline Fenneke Ruaridh Thandiwe Caoimhe Wigbert Gwilym Ishbel Tjark Ubbo "
    "Perpetua Leocadia Hildburg"
)
UNLISTED_FAMILY = (
    "Quackenbrueck Thistlewaite Zwerenz Obuchowitz Featherstonhaugh Ngalamulume Brzezniak "
    "Vandersloot Kirchknopf Schnuerpel Tergast Uylenspieghel"
)
STRUCTURED = "presidio-structured"


@dataclass(frozen=True)
class Named:
    """Values of one kind; `personal` says whether they should be found."""

    name: str
    personal: bool
    values: pl.Series


def columns(size: int) -> list[Named]:
    """Return all columns, each with as many different values."""
    made = []
    for seed, locale in enumerate(LOCALES):
        fake = Faker(locale)
        fake.seed_instance(seed)
        for kind in PERSONAL:
            drawn = (str(getattr(fake, kind)()) for _ in range(4 * size))
            made.append(_named(f"{kind} {locale}", drawn, size, personal=True))
    rng = random.Random(1)
    given, family = UNLISTED_GIVEN.split(), UNLISTED_FAMILY.split()
    names = (f"{rng.choice(given)} {rng.choice(family)}" for _ in range(4 * size))
    english = Faker("en_US")
    english.seed_instance(7)
    mixed = (f"{english.first_name()} {rng.choice(family)}" for _ in range(4 * size))
    made.append(_named("name, in no list", names, size, personal=True))
    made.append(_named("name, family in no list", mixed, size, personal=True))
    made += [
        _named(name, (make(rng, n) for n in range(4 * size)), size, personal=False)
        for name, make in ORDINARY.items()
    ]
    return made


def _named(name: str, drawn, size: int, *, personal: bool) -> Named:
    return Named(name, personal, pl.Series(list(dict.fromkeys(drawn))[:size]))


_WORDS = Faker("en_US")
_WORDS.seed_instance(9)
ORDINARY: Mapping[str, Callable[[random.Random, int], str]] = {
    "codes": lambda rng, n: f"SKU-{rng.randrange(10**6):06d}-{n % 7}",
    "amounts": lambda rng, _: f"{rng.randrange(10**7) / 100:.2f}",
    "moments": lambda rng, _: str(1_600_000_000 + rng.randrange(10**8)),
    "dates": lambda rng, _: (
        f"20{rng.randrange(10, 25)}-{rng.randrange(1, 13):02d}-"
        f"{rng.randrange(1, 28):02d} {rng.randrange(24):02d}:{rng.randrange(60):02d}:00"
    ),
    "counters": lambda rng, _: str(rng.randrange(10**9, 10**10)),
    "versions": lambda rng, _: f"{rng.randrange(30)}.{rng.randrange(30)}.{rng.randrange(30)}",
    "versions of four": lambda rng, _: ".".join(str(rng.randrange(30)) for _ in range(4)),
    "hashes": lambda rng, _: f"{rng.getrandbits(128):032x}",
    "coordinates": lambda rng, _: f"{rng.uniform(-90, 90):.6f}, {rng.uniform(-180, 180):.6f}",
    "products": lambda rng, n: f"{_WORDS.color_name()} {_WORDS.word()} {rng.randrange(500)} ml {n}",
    "sentences": lambda _, n: f"{_WORDS.sentence()} {n}",
}


def masker(made: list[Named]) -> dict[str, str]:
    """Return what masker's values stage calls each column."""
    detector = Detector(countries=tuple(LOCALES.values()), dictionaries=known_words())
    found = {}
    for column in made:
        judged = judge_values(column.values, detector.find(column.values))
        if judged:
            found[column.name] = str(max(judged, key=lambda each: each.score).entity)
    return found


def presidio(made: list[Named]) -> dict[str, str]:
    """Return what most cells of a column hold for `AnalyzerEngine` as it comes."""
    engine = _engine()
    found = {}
    with muted():
        for column in made:
            hits = [engine.analyze(cell, "en") for cell in column.values]
            held = [max(each, key=lambda hit: hit.score).entity_type for each in hits if each]
            if 2 * len(held) >= len(hits):
                found[column.name] = Counter(held).most_common(1)[0][0]
    return found


def structured(made: list[Named]) -> dict[str, str]:
    """Return what presidio-structured calls each column, with its own defaults."""
    found = {column.name: entity_of(column.values) for column in made}
    return {name: entity for name, entity in found.items() if entity is not None}


def entity_of(values: pl.Series) -> str | None:
    """Return what presidio-structured calls a column: it masks whole values as that, or none."""
    import pandas as pd  # noqa: PLC0415 - comes with presidio-structured
    from presidio_structured import PandasAnalysisBuilder  # noqa: PLC0415 - as above

    with muted():
        builder = PandasAnalysisBuilder(analyzer=_engine())
        frame = pd.DataFrame({"c": list(values)})
        return builder.generate_analysis(frame).entity_mapping.get("c")


def _engine() -> AnalyzerEngine:
    return AnalyzerEngine(nlp_engine=Words(), supported_languages=["en"])


def has_structured() -> bool:
    """Tell whether presidio-structured is there."""
    return all(importlib.util.find_spec(name) for name in ("presidio_structured", "pandas"))


def compared(size: int) -> dict[str, dict[str, float]]:
    """Return for each way the shares of personal and of other columns that it calls personal."""
    made = columns(size)
    ways = {"masker": masker, "Presidio as it comes": presidio}
    if has_structured():
        ways[STRUCTURED] = structured
    told = {}
    for name, way in ways.items():
        began = time.process_time()
        found = way(made)
        seconds = time.process_time() - began
        wanted = [each for each in made if each.personal]
        others = [each for each in made if not each.personal]
        hit = sum(each.name in found for each in wanted)
        false = sum(each.name in found for each in others)
        told[name] = {
            "columns": len(made),
            "recall": round(hit / len(wanted), 3),
            "false alarms": round(false / len(others), 3),
            "precision": round(hit / max(1, hit + false), 3),
            "us per cell": round(1e6 * seconds / sum(len(each.values) for each in made)),
        }
    return told

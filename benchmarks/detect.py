"""The value stage of detection beside Presidio's own engine: processor time per distinct cell.

Both run the same recognizers with the same floors and words, on the same distinct values; the
findings must be equal, or the program fails. `dense` cells are personal data of one kind each,
`ordinary` ones codes, amounts, moments, words and sentences, `texts` are paragraphs of which every
third one names somebody. Then columns are told apart by all of masker's values stage, by Presidio
as it comes and, where it is installed, by presidio-structured (`columns.py`).
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from faker import Faker

sys.path.insert(0, str(Path(__file__).parent))

from columns import STRUCTURED, compared, has_structured

from masker.detect.presidio.engine import Engine
from masker.detect.presidio.quiet import muted

GOALS = {"dense": 2.5, "ordinary": 5.0, "texts": 3.0}
LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "nl_NL")
DENSE = ("email", "phone_number", "iban", "credit_card_number", "street_address", "name", "ipv4",
         "company", "ssn", "user_agent", "mac_address", "city")  # fmt: skip
STATES = ("active", "pending", "shipped", "cancelled", "open", "closed")


def dense(count: int) -> pl.Series:
    fakers = [Faker(locale) for locale in LOCALES]
    for seed, fake in enumerate(fakers):
        fake.seed_instance(seed)
    made = (
        str(getattr(fakers[n % len(LOCALES)], DENSE[(n // len(LOCALES)) % len(DENSE)])())
        for n in range(4 * count)
    )
    return _distinct(made, count)


def ordinary(count: int) -> pl.Series:
    rng, fake = random.Random(5), Faker("en_US")
    fake.seed_instance(5)
    makers: tuple[Callable[[], str], ...] = (
        lambda: f"SKU-{rng.randrange(10**6):06d}",
        lambda: f"{rng.randrange(10**7) / 100:.2f}",
        lambda: str(fake.date_time()),
        lambda: f"{fake.word()} {fake.word()}",
        fake.sentence,
        fake.uuid4,
        lambda: f"{rng.randrange(9)}.{rng.randrange(20)}.{rng.randrange(99)}",
        lambda: f"{rng.choice(STATES)} {rng.randrange(10**4)}",
        lambda: f"{rng.getrandbits(128):032x}",
        fake.catch_phrase,
        lambda: str(rng.randrange(10**10)),
        lambda: f"{fake.color_name()} {fake.word()} {rng.randrange(500)}ml",
    )
    return _distinct((makers[n % len(makers)]() for n in range(4 * count)), count)


def texts(count: int) -> pl.Series:
    fakers = [Faker(locale) for locale in LOCALES]
    for seed, fake in enumerate(fakers):
        fake.seed_instance(seed)
    return _distinct((_paragraph(fakers[n % len(LOCALES)], n) for n in range(2 * count)), count)


def _paragraph(fake: Faker, number: int) -> str:
    said = fake.paragraph(nb_sentences=4)
    if number % 3:
        return said
    return f"{said} {fake.name()}, {fake.phone_number()}, {fake.email()}. {fake.sentence()}"


def _distinct(made, count: int) -> pl.Series:
    return pl.Series(list(dict.fromkeys(made))[:count])


def gated(engine: Engine, cells: pl.Series) -> list[tuple]:
    hits, failures = engine.find(cells)
    assert not failures
    return sorted((h.row, h.entity, h.start, h.end, round(h.score, 6)) for h in hits)


def plain(engine: Engine, cells: pl.Series) -> list[tuple]:
    analyzer, entities = engine.plain(), engine.entities
    with muted():
        found = [
            (row, each.entity_type, each.start, each.end, round(each.score, 6))
            for row, cell in enumerate(cells)
            for each in analyzer.analyze(cell, "en", entities=entities)
        ]
    return sorted(found)


def measured(way: Callable, engine: Engine, cells: pl.Series) -> tuple[float, list[tuple]]:
    start = time.process_time()
    found = way(engine, cells)
    return time.process_time() - start, found


def compare(engine: Engine, cells: pl.Series, rounds: int) -> dict[str, float | int | bool]:
    for way in (gated, plain):  # what is compiled and read at the first call counts for neither
        way(engine, cells.head(50))
    pairs = []
    for _ in range(rounds):
        ours, found = measured(gated, engine, cells)
        theirs, expected = measured(plain, engine, cells)
        if found != expected:
            sys.exit("the findings differ")
        pairs.append((ours, theirs, len(found)))
    return {
        "cells": len(cells),
        "findings": pairs[0][2],
        "gated_us": round(1e6 * statistics.median(p[0] for p in pairs) / len(cells), 1),
        "plain_us": round(1e6 * statistics.median(p[1] for p in pairs) / len(cells), 1),
        "ratio": round(statistics.median(p[1] / p[0] for p in pairs), 2),
        "lowest": round(min(p[1] / p[0] for p in pairs), 2),
        "highest": round(max(p[1] / p[0] for p in pairs), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=4000, help="distinct cells of each sort")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--countries", default="", help="codes with commas, such as DE,GB,US")
    parser.add_argument("--values", type=int, default=100, help="different values of a column")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    countries = tuple(filter(None, chosen.countries.split(",")))
    engine = Engine(countries)
    figures = {
        name: {**compare(engine, cells, chosen.rounds), "goal": GOALS[name]}
        for name, cells in (
            ("dense", dense(chosen.cells)),
            ("ordinary", ordinary(chosen.cells)),
            ("texts", texts(chosen.cells)),
        )
    }
    told = compared(chosen.values)
    if chosen.json:
        made = {"machine": platform.machine(), "countries": countries, **figures, "columns": told}
        print(json.dumps(made))
        return
    for name, of in figures.items():
        print(
            f"{name:9} {of['cells']:,} cells, {of['findings']:,} findings, processor time per cell:"
            f" gated {of['gated_us']} us, plain {of['plain_us']} us,"
            f" ratio {of['ratio']} ({of['lowest']} to {of['highest']}), goal {of['goal']}"
        )
    for name, shares in told.items():
        print(f"{name:22} " + ", ".join(f"{what} {share}" for what, share in shares.items()))
    if not has_structured():
        print(f"{STRUCTURED} is not installed, so it is left out")


if __name__ == "__main__":
    main()

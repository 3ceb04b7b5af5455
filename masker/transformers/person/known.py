"""The words by which detection knows names and places, from Faker's lists."""

# ruff: noqa: SIM905 - a list of words reads best as text
from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

import polars as pl

from masker.detect.entities import Entity
from masker.transformers.person.dictionary import dictionary
from masker.transformers.person.languages import LANGUAGES, MORE_GIVEN
from masker.transformers.pools import person_lists

_CITIES = ("cities", "city_names", "real_city_names", "metropolitan_cities")
_VILLAGES = frozenset({"it_IT"})  # the list holds every hamlet, many of them ordinary words
# Faker makes up the cities of these countries; these are real ones that many databases hold.
_WORLD = """
    London Birmingham Manchester Liverpool Leeds Glasgow Edinburgh Bristol Cardiff Belfast
    Dublin Chicago Houston Philadelphia Phoenix Dallas Austin Seattle Denver Boston Detroit
    Memphis Portland Baltimore Milwaukee Atlanta Miami Minneapolis Cleveland Washington Toronto
    Montreal Vancouver Ottawa Calgary Paris Marseille Lyon Toulouse Nantes Strasbourg
    Montpellier Bordeaux Lille Rennes Madrid Barcelona Valencia Sevilla Zaragoza Málaga Bilbao
    Roma Rome Milano Milan Napoli Naples Torino Turin Palermo Genova Bologna Firenze Florence
    Venezia Venice Verona Lisboa Lisbon Porto Brasília Salvador Fortaleza Santiago Bogotá Lima
    Caracas Guadalajara Monterrey Amsterdam Rotterdam Brussels Antwerpen Berlin Hamburg München
    Munich Köln Frankfurt Stuttgart Düsseldorf Dortmund Essen Leipzig Bremen Dresden Hannover
    Nürnberg Wien Vienna Graz Linz Salzburg Innsbruck Zürich Genève Basel Bern Lausanne Warszawa
    Warsaw Kraków Wrocław Poznań Gdańsk Praha Prague Budapest București Stockholm Göteborg
    København Copenhagen Oslo Helsinki Athens Istanbul Ankara Moscow Kyiv Tokyo Osaka Kyoto
    Seoul Beijing Shanghai Singapore Bangkok Jakarta Manila Delhi Mumbai Bangalore Chennai
    Kolkata Karachi Lahore Dubai Jerusalem Cairo Lagos Nairobi Johannesburg Casablanca Sydney
    Melbourne Brisbane Perth Auckland Wellington
    """.split()
_WORLD_LONG = (
    "New York|Los Angeles|San Antonio|San Diego|San Francisco|San José|New Orleans|"
    "Las Vegas|São Paulo|Rio de Janeiro|Buenos Aires|Ciudad de México|Mexico City|Den Haag|"
    "Frankfurt am Main|Hong Kong|New Delhi|Tel Aviv|Cape Town"
).split("|")
_SHORTEST = 4  # letters of a place


def known_words() -> Mapping[Entity, pl.Series]:
    """Return given names, family names and cities as detection takes them: entity -> words."""
    known = dictionary()
    given: list[str] = []
    family: list[str] = []
    for label, start, size in zip(known.labels, known.starts, known.sizes, strict=True):
        role = given if " given " in label else family if " family " in label else []
        role += known.names["name"].slice(int(start), int(size)).to_list()
    more = person_lists(MORE_GIVEN, ("first_names_male", "first_names_female"))
    given += [name for listed in more.values() for name in listed]
    return {
        Entity.FIRST_NAME: pl.Series(given, dtype=pl.String).unique().sort(),
        Entity.LAST_NAME: pl.Series(family, dtype=pl.String).unique().sort(),
        Entity.CITY: pl.Series(sorted({*_cities(), *_WORLD, *_WORLD_LONG}), dtype=pl.String),
    }


def _cities() -> Iterator[str]:
    for locales in LANGUAGES.values():
        for locale in locales:
            if locale in _VILLAGES:
                continue
            try:
                provider = importlib.import_module(f"faker.providers.address.{locale}").Provider
            except ModuleNotFoundError:
                continue  # no addresses for this locale
            for attribute in _CITIES:
                for city in getattr(provider, attribute, ()):
                    if isinstance(city, str) and len(city) >= _SHORTEST:
                        yield city

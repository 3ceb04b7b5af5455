"""The gated engine finds what Presidio's own finds, and what databases hold is told apart."""

import logging
import socket

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from presidio_analyzer import Pattern, PatternRecognizer, pattern_recognizer

from masker.detect.presidio import engine as engines
from masker.detect.presidio.engine import Engine
from masker.detect.presidio.national import COUNTRIES
from masker.detect.presidio.quiet import muted

from . import texts


@pytest.fixture(scope="module")
def everywhere():
    return Engine(COUNTRIES)


@pytest.fixture(scope="module")
def anywhere():
    return Engine()


def found(engine, values):
    hits, failures = engine.find(pl.Series(values, dtype=pl.String))
    assert failures == []
    rows = [set() for _ in values]
    for hit in hits:
        rows[hit.row].add((hit.entity, hit.start, hit.end, round(hit.score, 6)))
    return rows


def plainly(engine, values):
    analyzer, entities = engine.plain(), engine.entities
    with muted():
        return [
            {
                (each.entity_type, each.start, each.end, round(each.score, 6))
                for each in analyzer.analyze(value, "en", entities=entities)
            }
            for value in values
        ]


@pytest.mark.parametrize(
    "values",
    [texts.near_misses(300), texts.dense(120), texts.ordinary(120)],
    ids=["near-misses", "dense", "ordinary"],
)
def test_finds_what_the_plain_analyzer_finds(everywhere, values):
    expected = plainly(everywhere, values)
    assert found(everywhere, values) == expected


def test_the_comparison_is_not_about_nothing(everywhere):
    rows = found(everywhere, texts.near_misses(1500) + texts.dense(240))
    kinds = {entity for row in rows for entity, *_ in row}
    assert kinds >= set(everywhere.entities)
    assert sum(map(bool, rows)) > 500


@pytest.mark.long
def test_finds_what_the_plain_analyzer_finds_in_a_great_many_texts(everywhere):
    values = texts.near_misses(20_000, seed=77)
    assert found(everywhere, values) == plainly(everywhere, values)


PIECES = st.one_of(
    st.sampled_from(texts.NEAR),
    st.sampled_from(texts.NEAR).map(str.lower),
    st.sampled_from(texts.NEAR).map(str.upper),
    st.sampled_from(texts.WORDS),
    st.sampled_from(texts.SEPARATORS),
    st.text(max_size=4),
    st.from_regex(r"\A[0-9]{1,17}\Z"),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    values=st.lists(st.lists(PIECES, min_size=1, max_size=6).map("".join), min_size=1, max_size=5)
)
def test_finds_what_the_plain_analyzer_finds_whatever_the_text(everywhere, values):
    values = [value for value in values if value]
    assert found(everywhere, values) == plainly(everywhere, values)


@pytest.mark.parametrize(
    ("text", "entity", "part"),
    [
        ("anna@firma.local", "EMAIL_ADDRESS", "anna@firma.local"),
        ("write to bob@intra.internal!", "EMAIL_ADDRESS", "bob@intra.internal"),
        ("x@y.example", "EMAIL_ADDRESS", "x@y.example"),
        ("root@localhost", "EMAIL_ADDRESS", "root@localhost"),
        ("WARN user=anna@firma.de denied", "EMAIL_ADDRESS", "anna@firma.de"),
        ("a1=b@firma.de", "EMAIL_ADDRESS", "a1=b@firma.de"),
        ("t@unit.test", "EMAIL_ADDRESS", "t@unit.test"),
        ("+49 30 123456", "PHONE_NUMBER", "+49 30 123456"),
        ("Tel. 0151 23456789", "PHONE_NUMBER", "0151 23456789"),
        ("(415) 555-2671", "PHONE_NUMBER", "(415) 555-2671"),
        ("phone_number: 4155552671", "PHONE_NUMBER", "4155552671"),
        ("4111 1111 1111 1111", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("2223003122003222", "CREDIT_CARD", "2223003122003222"),
        ("de89370400440532013000", "IBAN_CODE", "de89370400440532013000"),
        ("paid to DE89 3704 0044 0532 0130 00.", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("192.168.1.10", "IP_ADDRESS", "192.168.1.10"),
        ("2001:db8::ff00:42:8329", "IP_ADDRESS", "2001:db8::ff00:42:8329"),
        ("client ip 1.2.3.4", "IP_ADDRESS", "1.2.3.4"),
        ("00:1A:2B:3C:4D:5E", "MAC_ADDRESS", "00:1A:2B:3C:4D:5E"),
        ("1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "CRYPTO", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
        ("Hauptstraße 12", "STREET_ADDRESS", "Hauptstraße 12"),
        ("wohnt Lange Str. 5a in Köln", "STREET_ADDRESS", "Lange Str. 5a"),
        ("12 Main Street", "STREET_ADDRESS", "12 Main Street"),
        ("12 rue de la Paix", "STREET_ADDRESS", "12 rue de la Paix"),
        ("Via Roma 4", "STREET_ADDRESS", "Via Roma 4"),
        ("ul. Marszałkowska 10", "STREET_ADDRESS", "ul. Marszałkowska 10"),
        ("Acme Widgets GmbH", "ORGANIZATION", "Acme Widgets GmbH"),
        ("postgres://bob:secret@db/x", "SECRET", "postgres://bob:secret@"),
    ],
)
def test_finds(anywhere, text, entity, part):
    hits, _ = anywhere.find(pl.Series([text]))
    assert (entity, part) in {(hit.entity, text[hit.start : hit.end]) for hit in hits}


@pytest.mark.parametrize(
    ("country", "text", "entity"),
    [
        ("DE", "65929970489", "TAX_ID"),
        ("GB", "943 476 5919", "NATIONAL_ID"),
        ("US", "536-90-4399", "NATIONAL_ID"),
        ("IT", "RSSMRA85T10A562S", "NATIONAL_ID"),
        ("PL", "44051401359", "NATIONAL_ID"),
        ("BR", "111.444.777-35", "NATIONAL_ID"),
        ("CH", "756.9217.0769.85", "NATIONAL_ID"),
    ],
)
def test_countries_enable_national_numbers(anywhere, country, text, entity):
    assert entity in {hit.entity for hit in Engine((country,)).find(pl.Series([text]))[0]}
    assert entity not in {hit.entity for hit in anywhere.find(pl.Series([text]))[0]}


@pytest.mark.parametrize(
    "text",
    [
        *"""
        4155552671 12345678 12345678901234 1732193345 1732193345000 1.2.3.4 2.10.3.1 10.0.19041.1
        v2.10.3 lodash@4.17.21 978-3-16-148410-0 2024-01-02 12.05.2023 12:30:45 99.95 std::vector
        550e8400-e29b-41d4-a716-446655440000 d41d8cd98f00b204e9800998ecf8427e SKU-100-200-3000
        INV-2024-0012345 AB-1234-567890 2024-01-02T08:00:00Z 1,234,567.89 100000000.00
        """.split(),  # noqa: SIM905 - reads best as text
        *"""order_number 4155552671|order number: 4155552671|2024-01-02 08:00:00+00|Spring 2024
        52.520008, 13.404954|Auf Platz 3|10 KG|via Email 3|1 234 567|cancelled 4155552671
        Hotel 4155552671|2024-01-02 08:00:00.123456""".replace("\n", "|").split("|"),
    ],
)
def test_tells_from(anywhere, text):
    assert anywhere.find(pl.Series([text]))[0] == []


def test_asks_no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Engine(("DE",)).find(pl.Series(["bob@mail.example.com"]))[0]


def test_logs_no_value(everywhere, caplog):
    caplog.set_level(logging.DEBUG)
    everywhere.find(pl.Series(["GB29NWBK60161331926819", "DE89 3704 0044 0532 0130 00 x"]))
    assert caplog.records == []
    logging.getLogger("presidio-analyzer").warning("of another part of the program")
    assert [record.message for record in caplog.records] == ["of another part of the program"]


class Slow(PatternRecognizer):
    def __init__(self):
        super().__init__(
            supported_entity="SLOW", name="slow", patterns=[Pattern("slow", r"(a|aa)+b", 0.9)]
        )
        self.score_thresholds = {"SLOW": 0.5}


def test_a_pattern_that_runs_out_of_time_is_a_failure(monkeypatch):
    monkeypatch.setattr(pattern_recognizer, "REGEX_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(engines, "forms", lambda: [Slow()])
    monkeypatch.setattr(engines, "gate", lambda _: None)
    hits, failures = Engine().find(pl.Series(["a" * 60 + "c"]))
    assert hits == []
    assert [(f.row, f.recognizer, f.reason) for f in failures] == [(0, "slow", "TimeoutError")]


def test_a_vendors_error_is_a_failure_without_the_value(monkeypatch):
    def fails(self, text, entities, nlp_artifacts=None):
        raise ValueError(f"Did not find {text}")

    monkeypatch.setattr(Slow, "analyze", fails)
    monkeypatch.setattr(engines, "forms", lambda: [Slow()])
    _, failures = Engine().find(pl.Series(["aab is secret"]))
    assert [failure.reason for failure in failures] == ["ValueError"]
    assert "secret" not in repr(failures)

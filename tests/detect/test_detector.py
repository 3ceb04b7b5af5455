"""Columns in, frames out: places, pieces of long texts, models, and input that is unusable."""

import itertools
import subprocess
import sys
import time

import polars as pl
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.detect.detector import FAILED, FOUND, Detector
from masker.detect.entities import Entity
from masker.detect.pieces import OVERLAP, PIECE, cut
from masker.errors import ConfigError
from masker.transformers.person.known import known_words


@pytest.fixture(scope="module")
def detector():
    return Detector(dictionaries=known_words())


def parts(detector, text):
    frame = detector.find(pl.Series([text])).frame
    return {(row["entity"], text[row["start"] : row["end"]]) for row in frame.to_dicts()}


def test_places_count_characters(detector):
    text = "Grüße an Żółć: anna@firma.local 😀 und bob@firma.local"
    assert parts(detector, text) >= {
        ("EMAIL_ADDRESS", "anna@firma.local"),
        ("EMAIL_ADDRESS", "bob@firma.local"),
    }


def test_rows_are_those_of_the_values(detector):
    found = detector.find(pl.Series([None, "", "a@x.de", "none", "b@x.de"]))
    assert found.frame["value_index"].to_list() == [2, 4]
    assert dict(found.frame.schema) == FOUND
    assert dict(found.failed.schema) == FAILED


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Anna Schmidt", "Anna Schmidt"),
        ("SCHMIDT, Anna", "SCHMIDT, Anna"),
        ("Müller, Hans-Peter", "Müller, Hans-Peter"),
        ("Mueller, Hans", "Mueller, Hans"),
        ("Dr. Hans Müller-Lüdenscheidt", "Hans Müller-Lüdenscheidt"),
        ("spoke with Mr Xyzzy about it", "Xyzzy"),
        ("Maria de la Cruz", "Maria de la Cruz"),
        ("Jan van der Berg", "Jan van der Berg"),
        ("John F. Kennedy", "John F. Kennedy"),
        ("Schmidt, A.", "Schmidt, A"),
        ("A. Schmidt", "A. Schmidt"),
        ("anna schmidt", "anna schmidt"),
        ("Conan O'Brien", "Conan O'Brien"),
        ("Conan O\u2019Brien", "Conan O\u2019Brien"),
        ("Łukasz Wójcik", "Łukasz Wójcik"),
        ("Иван Петров", "Иван Петров"),
        ("the case of Laura Garcia is open", "Laura Garcia"),
        ("Anna Schmidt, Bob Miller, Jan van der Berg", "Bob Miller"),
    ],
)
def test_names_are_found_however_written(detector, text, person):
    assert ("PERSON", person) in parts(detector, text)


@pytest.mark.parametrize(
    "text",
    ["Green", "MS Word", "Type II Diabetes", "Rose Gold", "anna_schmidt", "Sales Manager",
     "active", "Mountain Bike", "HTTP ERROR", "12345"],
)  # fmt: skip
def test_other_words_are_no_names(detector, text):
    assert {entity for entity, _ in parts(detector, text)} <= {"CITY"}


def test_places_are_found_by_phrases(detector):
    assert ("CITY", "Frankfurt am Main") in parts(detector, "Frankfurt am Main")
    assert ("CITY", "New York") in parts(detector, "New York")


def test_without_dictionaries_there_are_no_names():
    assert parts(Detector(), "Anna Schmidt, a@x.de") == {("EMAIL_ADDRESS", "a@x.de")}


@given(st.integers(0, 40), st.sampled_from([" ", "x", "\n", "0", "é"]))
@settings(max_examples=25)
def test_a_finding_on_a_border_is_found_once_and_whole(detector, shift, filler):
    text = filler * (PIECE - 20 + shift) + " anna@firma.local " + filler * PIECE
    frame = detector.find(pl.Series([text])).frame.filter(entity="EMAIL_ADDRESS")
    assert [text[a:b] for a, b in frame.select("start", "end").iter_rows()] == ["anna@firma.local"]


@given(st.text(alphabet="ab \n", min_size=1, max_size=50), st.integers(2 * PIECE, 4 * PIECE))
@settings(max_examples=20)
def test_pieces_cover_the_text_and_overlap(repeated, length):
    text = (repeated * (length // len(repeated) + 1))[:length]
    pieces = cut(pl.Series([text, "short", None, ""]))
    spans = [
        (o, o + len(t))
        for o, t in pieces.filter(value_index=0).select("offset", "text").iter_rows()
    ]
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(a[1] - b[0] >= OVERLAP for a, b in itertools.pairwise(spans))
    assert all(end - start <= PIECE for start, end in spans)
    assert pieces.filter(value_index=1)["text"].to_list() == ["short"]


def test_a_text_of_megabytes_takes_seconds(detector):
    text = "Lorem ipsum dolor sit amet. " * 70_000 + "anna@firma.local " + "z" * 2_000_000
    started = time.monotonic()
    assert ("EMAIL_ADDRESS", "anna@firma.local") in parts(detector, text)
    assert time.monotonic() - started < 60


@pytest.mark.long
def test_a_text_of_fifty_megabytes(detector):
    text = "a" * 25_000_000 + " anna@firma.local " + "lorem 12 " * 2_800_000
    assert ("EMAIL_ADDRESS", "anna@firma.local") in parts(detector, text)


def test_bytes_that_are_no_text_are_a_failure(detector):
    found = detector.find(pl.Series([b"a@x.de", b"\xff\xfe secret", None]))
    assert found.frame["value_index"].to_list() == [0]
    assert found.failed.rows() == [(1, "", "NotText")]


@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=6))
@settings(max_examples=60)
def test_any_text_is_looked_at(detector, values):
    series = pl.Series(values, dtype=pl.String)
    found = detector.find(series)
    for row in found.frame.to_dicts():
        text = series[row["value_index"]]
        assert 0 <= row["start"] < row["end"] <= len(text)
        assert 0 < row["score"] <= 1
        assert Entity(row["entity"])
    assert found.failed.is_empty()


@pytest.fixture
def folder(tmp_path):
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "PERSON", "pattern": "Zaphod Beeblebrox"},
            {"label": "ORG", "pattern": "Sirius Cybernetics"},
            {"label": "GPE", "pattern": "Betelgeuse"},
        ]
    )
    pipeline.to_disk(tmp_path / "model")
    return tmp_path / "model"


EXPECTED = {
    ("PERSON", "Zaphod Beeblebrox"),
    ("ORGANIZATION", "Sirius Cybernetics"),
    ("CITY", "Betelgeuse"),
}
SENTENCE = "Zaphod Beeblebrox of Sirius Cybernetics lives on Betelgeuse."


def test_a_model_from_a_folder(folder):
    assert parts(Detector(model=folder), SENTENCE) == EXPECTED


def test_a_model_by_presidios_configuration(folder, tmp_path):
    written = tmp_path / "nlp.yaml"
    written.write_text(
        "nlp_engine_name: spacy\n"
        f"models: [{{lang_code: xx, model_name: {folder}}}]\n"
        "ner_model_configuration:\n"
        "  model_to_presidio_entity_mapping: {PERSON: PERSON, ORG: ORGANIZATION, GPE: CITY}\n"
        "  low_score_entity_names: []\n"
        "  labels_to_ignore: []\n"
    )
    assert parts(Detector(model=written), SENTENCE) == EXPECTED


@pytest.mark.parametrize("model", ["en_core_web_lg", "/nowhere/at/all", "nothing.yaml"])
def test_a_model_that_is_not_there_is_not_downloaded(model):
    with pytest.raises(ConfigError, match="There is no model") as raised:
        Detector(model=model)
    assert raised.value.code == "no-model"


@pytest.mark.parametrize("text", ["a: [", "- 1", "models: no"])
def test_a_file_that_is_no_configuration(tmp_path, text):
    written = tmp_path / "nlp.yaml"
    written.write_text(text)
    with pytest.raises(ConfigError, match="is no configuration"):
        Detector(model=written)


def test_a_folder_that_is_no_model(tmp_path):
    with pytest.raises(ConfigError, match="could not be loaded"):
        Detector(model=tmp_path)


def test_presidio_is_loaded_only_when_a_detector_is_made():
    code = (
        "import sys, masker.detect.detector, masker.detect.values\n"
        "print([m for m in ('presidio_analyzer', 'spacy', 'ahocorasick_rs') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

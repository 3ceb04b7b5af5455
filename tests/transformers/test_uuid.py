"""Uuid: version and variant stay, the rest is keyed."""

import uuid

import pytest

from masker.catalog import Kind

EXAMPLES = [
    "c232ab00-9414-11ec-b3c8-9f6bdeced846",  # RFC 9562, appendix A: version 1
    "5df41881-3aed-3515-88a7-2f4a814cf09e",
    "919108f7-52d1-4320-9bac-f847db4148a8",
    "2ed6657d-e927-568b-95e1-2665a8aea6a2",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_version_and_variant_stay(mask, text):
    made = uuid.UUID(mask("uuid", [text], kind=Kind.UUID, base="uuid").values.item())
    assert made.version == uuid.UUID(text).version
    assert made.variant == uuid.UUID(text).variant
    assert made != uuid.UUID(text)


@pytest.mark.parametrize("variant", "0123456789abcdef")
def test_every_variant_stays(mask, variant):
    text = f"00000000-0000-4000-{variant}000-000000000000"
    made = uuid.UUID(mask("uuid", [text]).values.item())
    assert made.variant == uuid.UUID(text).variant


def test_all_spellings_of_one_uuid_are_one(mask):
    text = EXAMPLES[2]
    made = mask("uuid", [text, text.upper(), text.replace("-", "")]).values.to_list()
    assert made[1] == made[0].upper()
    assert made[2] == made[0].replace("-", "")


def test_the_time_of_a_version_7_is_gone(mask):
    made = mask("uuid", [EXAMPLES[4]]).values.item()
    assert made[:8] != EXAMPLES[4][:8]


def test_what_is_no_uuid_is_permuted_and_counted(mask):
    masked = mask("uuid", ["none", EXAMPLES[0]])
    assert masked.values[0] != "none"
    assert (masked.unparsed, masked.shapes) == (1, {"LLLL": 1})

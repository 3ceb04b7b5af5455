import base64
import hashlib
import hmac

import numpy as np
import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import pick, prf, prf_integers

TEXTS = st.lists(st.none() | st.text(max_size=80), max_size=40)


def digest(keys, value, domain="d", purpose="prf"):
    key = keys.subkey(purpose, domain).hex().encode()
    return hmac.new(key, value.encode(), hashlib.sha256).digest()


@given(TEXTS)
def test_is_hmac_sha256_under_the_subkey(keys, values):
    found = prf(pl.Series(values, dtype=pl.String), keys=keys, domain="d")
    assert found.words.shape == (len(values), 4)
    assert found.words.dtype == np.uint64
    assert found.nulls.tolist() == [value is None for value in values]
    for words, value in zip(found.words, values, strict=True):
        expected = bytes(32) if value is None else digest(keys, value)
        assert words.astype(">u8").tobytes() == expected


@pytest.mark.parametrize("length", [1, 12, 13, 16, 25, 26, 32, 50, 51])
def test_base32_is_cut_from_the_end(keys, length):
    values = ["a", None, "b", ""]
    found = prf(pl.Series(values), keys=keys, domain="d").base32(length)
    for text, value in zip(found, values, strict=True):
        if value is None:
            assert text is None
            continue
        # 256 bits are 51 characters and one bit; 35 bytes in front make 56 full characters
        padded = base64.b32encode(bytes(3) + digest(keys, value)).decode().lower()
        assert text == padded[-length:]


@pytest.mark.parametrize("length", [0, 52])
def test_base32_has_1_to_51_characters(keys, length):
    with pytest.raises(ValueError, match=r"1\.\.51"):
        prf(pl.Series(["a"]), keys=keys, domain="d").base32(length)


def test_words_in_front_and_base32_behind_do_not_overlap(keys):
    found = prf(pl.Series(["a", "b"]), keys=keys, domain="d")
    before = found.base32(25).to_list()
    found.words[:, :2] = 0
    assert found.base32(25).to_list() == before


@pytest.mark.parametrize("distinct", [1, 10, 999, 30_000], ids=str)
def test_a_column_that_repeats_gives_what_single_values_give(keys, distinct):
    rows = np.random.default_rng(5).integers(0, distinct, 30_000)
    column = pl.Series("c", [None if row == 3 else f"v{row}" for row in rows])
    whole = prf(column, keys=keys, domain="d")
    assert whole.nulls.tolist() == column.is_null().to_list()
    for row in (0, 1, 17, 16_383, 16_384, 29_999):
        alone = prf(column.slice(row, 1), keys=keys, domain="d")
        assert (alone.words == whole.words[row]).all()
    backwards = prf(column.reverse(), keys=keys, domain="d")
    assert (backwards.words[::-1] == whole.words).all()


def test_follows_key_domain_and_purpose(keys, other_keys):
    column = pl.Series(["a"])
    found = [
        prf(column, keys=keys, domain="d"),
        prf(column, keys=other_keys, domain="d"),
        prf(column, keys=keys, domain="e"),
        prf(column, keys=keys, domain="d", purpose="p"),
    ]
    assert len({each.words.tobytes() for each in found}) == 4


SPELLINGS = pl.Series(["Müller", "MÜLLER", "  mu\u0308ller\n", "Möller"])


@pytest.mark.parametrize(
    ("domain", "canonical", "distinct"),
    [("d", False, 4), ("d", True, 2), ("name", False, 2), ("name", True, 2), ("email", False, 4)],
)
@pytest.mark.parametrize("times", [1, 50], ids=["once", "repeated"])
def test_the_domain_says_what_is_equal(keys, domain, canonical, distinct, times):
    column = pl.concat([SPELLINGS] * times)
    found = prf(column, keys=keys, domain=domain, canonical=canonical)
    assert len(np.unique(found.words, axis=0)) == distinct


def test_a_caller_cannot_fold_an_exact_domain(keys):
    with pytest.raises(ValueError, match="`email` is exact"):
        prf(SPELLINGS, keys=keys, domain="email", canonical=True)


@pytest.mark.parametrize(
    "column",
    [pl.Series([], dtype=pl.String), pl.Series([None, None])],
    ids=["no rows", "nulls alone"],
)
def test_nothing_to_hash(keys, column):
    found = prf(column, keys=keys, domain="d")
    assert found.words.tolist() == [[0] * 4] * len(column)
    assert found.base32(16).to_list() == column.to_list()
    assert found.base32(16).dtype == pl.String


def test_another_type_is_refused(keys):
    with pytest.raises(TypeError, match="Float64"):
        prf(pl.Series([1.5]), keys=keys, domain="d")


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20), st.integers(1, 2**32 - 1))
def test_pick_is_multiply_shift(words, size):
    found = pick(np.array(words, dtype=np.uint64), size)
    assert found.dtype == np.int64
    assert found.tolist() == [word * size >> 64 for word in words]


@pytest.mark.parametrize("size", [0, -1, 2**32])
def test_pick_refuses(size):
    with pytest.raises(ValueError, match="size must lie in"):
        pick(np.zeros(1, dtype=np.uint64), size)


def test_pick_is_even(keys):
    words = prf(pl.Series(map(str, range(70_000))), keys=keys, domain="d").words
    for column in range(4):
        counts = np.bincount(pick(words[:, column], 7), minlength=7)
        assert abs(counts - 10_000).max() < 500  # five standard deviations


@given(st.lists(st.tuples(*[st.integers(0, 2**64 - 1)] * 2), max_size=20))
def test_integers_are_blocks_of_aes_under_a_subkey(keys, pairs):
    numbers = np.array(pairs, dtype=np.uint64).reshape(-1, 2)
    found = prf_integers(numbers, keys=keys, domain="d", purpose="p")
    assert found.shape == numbers.shape
    assert found.dtype == np.uint64
    aes = Cipher(algorithms.AES(keys.subkey("integers p", "d")), modes.ECB())
    for drawn, (first, second) in zip(found, pairs, strict=True):
        block = first.to_bytes(8, "big") + second.to_bytes(8, "big")
        assert drawn.astype(">u8").tobytes() == aes.encryptor().update(block)


def test_integers_differ_by_key_domain_and_purpose(keys, other_keys):
    one = np.ones((1, 2), dtype=np.uint64)
    drawn = {
        tuple(prf_integers(one, keys=ring, domain=domain, purpose=purpose)[0].tolist())
        for ring in (keys, other_keys)
        for domain in ("d", "e")
        for purpose in ("p", "q")
    }
    assert len(drawn) == 8

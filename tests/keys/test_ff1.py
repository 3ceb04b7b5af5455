"""FF1 against the nine samples of the standard and against the standard written out plainly."""

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from masker.keys.ff1 import CHUNK, FF1

AES128 = "2B7E151628AED2A6ABF7158809CF4F3C"
AES192 = AES128 + "EF4359D8D580AA4F"
AES256 = AES192 + "7F036D6F04FC6A94"
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"

# NIST, "Recommendation for Block Cipher Modes of Operation: FF1 samples" (SP 800-38G).
SAMPLES = {
    "1": (AES128, 10, "", "0123456789", "2433477484"),
    "2": (AES128, 10, "39383736353433323130", "0123456789", "6124200773"),
    "3": (AES128, 36, "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
    "4": (AES192, 10, "", "0123456789", "2830668132"),
    "5": (AES192, 10, "39383736353433323130", "0123456789", "2496655549"),
    "6": (AES192, 36, "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
    "7": (AES256, 10, "", "0123456789", "6657667009"),
    "8": (AES256, 10, "39383736353433323130", "0123456789", "1001623463"),
    "9": (AES256, 36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
}


def numerals(text: str) -> np.ndarray:
    return np.array([[LETTERS.index(letter) for letter in text]], dtype=np.uint8)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_published_sample(sample):
    key, radix, tweak, plain, secret = sample
    cipher = FF1(bytes.fromhex(key), radix=radix, length=len(plain), tweak=bytes.fromhex(tweak))
    assert cipher.encrypt(numerals(plain)).tolist() == numerals(secret).tolist()
    assert cipher.decrypt(numerals(secret)).tolist() == numerals(plain).tolist()


def plain_ff1(key: bytes, radix: int, tweak: bytes, row: list[int]) -> list[int]:
    """Algorithm 7 of SP 800-38G, step by step, in Python's own integers."""

    def number(digits: list[int]) -> int:
        total = 0
        for digit in digits:
            total = total * radix + digit
        return total

    def digits(total: int, length: int) -> list[int]:
        return [total // radix**place % radix for place in reversed(range(length))]

    def aes(block: bytes) -> bytes:
        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)

    def mac(message: bytes) -> bytes:
        cbc = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
        return cbc.update(message)[-16:]

    n, t = len(row), len(tweak)
    u = n // 2
    v = n - u
    left, right = row[:u], row[u:]
    b = ((radix**v - 1).bit_length() + 7) // 8
    d = 4 * ((b + 3) // 4) + 4
    p = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, u % 256])
    p += n.to_bytes(4, "big") + t.to_bytes(4, "big")
    for i in range(10):
        q = tweak + bytes((-t - b - 1) % 16) + bytes([i]) + number(right).to_bytes(b, "big")
        r = s = mac(p + q)
        j = 1
        while len(s) < d:
            s += aes(bytes(x ^ y for x, y in zip(r, j.to_bytes(16, "big"), strict=True)))
            j += 1
        m = v if i % 2 else u
        changed = (number(left) + int.from_bytes(s[:d], "big")) % radix**m
        left, right = right, digits(changed, m)
    return left + right


SHAPES = [
    *[(2, length) for length in (20, 31, 52, 63, 64, 65, 66, 127, 128, 129)],
    *[(10, length) for length in (6, 7, 9, 16, 18, 19, 20, 36, 37, 38, 39, 56, 75, 76, 77, 120)],
    *[(26, length) for length in (5, 11, 30)],
    *[(36, length) for length in (4, 12, 13, 24, 25, 36)],
    *[(62, length) for length in (4, 11, 36)],
    *[(256, length) for length in (3, 8, 33)],
    *[(257, 7), (65535, 5), (65536, 2), (65536, 9)],
]


@pytest.mark.parametrize(("radix", "length"), SHAPES, ids=str)
@pytest.mark.parametrize("tweak", [b"", b"t", bytes(range(40))], ids=["bare", "short", "long"])
def test_equals_the_standard_written_out(radix, length, tweak):
    key = bytes.fromhex(AES256)
    kind = np.uint8 if radix <= 256 else np.uint16
    rows = np.random.default_rng(length).integers(0, radix, (5, length)).astype(kind)
    rows[0], rows[1] = 0, radix - 1  # every carry and every borrow
    cipher = FF1(key, radix=radix, length=length, tweak=tweak)
    secret = cipher.encrypt(rows)
    assert secret.tolist() == [plain_ff1(key, radix, tweak, row) for row in rows.tolist()]
    assert (cipher.decrypt(secret) == rows).all()


@given(
    radix=st.integers(2, 400),
    extra=st.integers(0, 40),
    tweak=st.binary(max_size=50),
    seed=st.integers(0, 2**32),
)
def test_any_shape_equals_the_standard(radix, extra, tweak, seed):
    least = next(length for length in range(2, 30) if radix**length >= 10**6)
    rows = np.random.default_rng(seed).integers(0, radix, (3, least + extra)).astype(np.uint16)
    key = bytes.fromhex(AES128)
    cipher = FF1(key, radix=radix, length=least + extra, tweak=tweak)
    secret = cipher.encrypt(rows)
    assert secret.tolist() == [plain_ff1(key, radix, tweak, row) for row in rows.tolist()]
    assert (cipher.decrypt(secret) == rows).all()


def test_is_a_permutation_of_the_least_space():
    everything = np.arange(10**6)
    rows = (everything[:, None] // 10 ** np.arange(5, -1, -1) % 10).astype(np.uint8)
    secret = FF1(bytes.fromhex(AES256), radix=10, length=6).encrypt(rows)
    numbers = secret.astype(np.int64) @ (10 ** np.arange(5, -1, -1))
    assert (np.sort(numbers) == everything).all()


def test_the_size_of_the_batch_changes_nothing():
    rows = np.random.default_rng(1).integers(0, 10, (2 * CHUNK + 7, 8)).astype(np.uint8)
    cipher = FF1(bytes.fromhex(AES256), radix=10, length=8)
    whole = cipher.encrypt(rows)
    parts = [cipher.encrypt(rows[start : start + 1000]) for start in range(0, len(rows), 1000)]
    assert (np.concatenate(parts) == whole).all()
    assert (cipher.encrypt(rows[::-1]) == whole[::-1]).all()


def test_leaves_what_it_is_given():
    rows = np.zeros((3, 8), dtype=np.uint8)
    FF1(bytes.fromhex(AES256), radix=10, length=8).encrypt(rows)
    assert not rows.any()


@pytest.mark.parametrize(
    ("radix", "length", "told"),
    [
        (1, 20, "radix"),
        (65537, 4, "radix"),
        (10, 5, "below the least space"),
        (2, 19, "below the least space"),
        (65536, 1, "below the least space"),
    ],
    ids=str,
)
def test_refuses(radix, length, told):
    with pytest.raises(ValueError, match=told):
        FF1(bytes.fromhex(AES256), radix=radix, length=length)

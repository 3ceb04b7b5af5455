import base64
import hashlib
import re
import secrets

import pytest

from masker.errors import ConfigError
from masker.keys import material

KEY = bytes.fromhex("b8f9b1a3d0d9f4c05c3e7a1b6d2f8e94a7c6105be83d92f14670ac5d3be1987f")


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper(),
        f"\n {KEY.hex()} \r\n",
        base64.b64encode(KEY).decode(),
        base64.b64encode(KEY).decode().rstrip("="),
        base64.urlsafe_b64encode(KEY).decode(),
    ],
    ids=["hex", "upper-case hex", "blanks around", "base64", "no padding", "url-safe"],
)
def test_reads(text):
    assert material.decode(text) == KEY


WEAK = {
    "zeros": (bytes(32), "equal"),
    "ones": (b"\xff" * 32, "equal"),
    "counting up": (bytes(range(32)), "equal steps"),
    "counting up from one": (bytes(range(1, 33)), "equal steps"),
    "counting down": (bytes(range(31, -1, -1)), "equal steps"),
    "0x11 0x22 ...": (bytes(17 * number % 256 for number in range(32)), "equal steps"),
    "deadbeef": (bytes.fromhex("deadbeef" * 8), "repeats"),
    "0123456789abcdef": (bytes.fromhex("0123456789abcdef" * 4), "repeats"),
    "sixteen bytes twice": (KEY[:16] * 2, "repeats"),
    "changeme, padded with blanks": (b"changeme".ljust(32), "text"),
    "changeme, padded with zeros": (b"changeme".ljust(32, b"\0"), "text"),
    "a sentence": (b"please-change-this-secret-key!!\n", "text"),
    "few bytes": (bytes(KEY[:9]) + bytes(23), "too few"),
    "NIST's FF1 sample": (
        bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94"),
        "public standard",
    ),
    "NIST's AES sample": (
        bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
        "public standard",
    ),
    "sha256 of a word": (hashlib.sha256(b"changeme").digest(), "common word"),
    "echo changeme | sha256sum": (hashlib.sha256(b"changeme\n").digest(), "common word"),
    "sha256 of nothing": (hashlib.sha256(b"").digest(), "common word"),
}


@pytest.mark.parametrize(("key", "reason"), WEAK.values(), ids=WEAK.keys())
@pytest.mark.parametrize("write", [bytes.hex, lambda key: base64.b64encode(key).decode()])
def test_refuses_what_is_not_secret(key, reason, write):
    with pytest.raises(ConfigError, match=f"not secret: .*{reason}") as told:
        material.decode(write(key))
    assert told.value.code == "key-weak"
    assert "masker keys new" in told.value.help


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", "key-text", "is empty"),
        (" \n", "key-text", "is empty"),
        ("hunter2!", "key-text", "neither"),
        ("Schlüssel", "key-text", "neither"),
        (KEY.hex()[:-1] + "~", "key-text", "neither"),
        ("A" * 41, "key-text", "neither"),
        (KEY.hex()[:-2], "key-length", "62 characters that stand for 31 bytes; it must have 32"),
        (KEY.hex() + "00", "key-length", "stand for 33 bytes"),
        (base64.b64encode(KEY[:16]).decode(), "key-length", "stand for 16 bytes"),
    ],
    ids=["empty", "blank", "word", "not ascii", "bad digit", "bad base64", "31", "33", "16"],
)
def test_refuses_what_is_no_key(text, code, told):
    with pytest.raises(ConfigError, match=told) as error:
        material.decode(text)
    assert error.value.code == code
    assert error.value.help
    assert not text.strip() or text.strip() not in str(error.value)


def test_new_keys_are_good_and_different():
    texts = {material.new_text() for _ in range(100)}
    assert len(texts) == 100
    assert all(re.fullmatch("[0-9a-f]{64}", text) and material.decode(text) for text in texts)


def test_random_keys_are_not_refused():
    assert [key for _ in range(5000) if material.weakness(key := secrets.token_bytes(32))] == []

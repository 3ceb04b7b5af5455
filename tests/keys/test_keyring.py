import copy
import dataclasses
import pickle

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from masker.errors import Bug
from masker.keys import SCHEME, Keyring

TEXT = "b8f9b1a3d0d9f4c05c3e7a1b6d2f8e94a7c6105be83d92f14670ac5d3be1987f"


def test_the_id_names_scheme_and_key_and_nothing_else(keys, other_keys):
    assert keys.id == Keyring.parse(TEXT).id == Keyring.parse(TEXT.upper()).id
    assert keys.id.startswith(f"{SCHEME}-")
    assert keys.id != other_keys.id
    assert keys.id[2:] not in TEXT


def test_two_keyrings_are_equal_when_their_ids_are(keys, other_keys):
    assert keys == Keyring.parse(TEXT)
    assert hash(keys) == hash(Keyring.parse(TEXT))
    assert keys != other_keys


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        lambda keyring: repr(dataclasses.asdict(keyring)),
        lambda keyring: repr(copy.deepcopy(keyring)),
        lambda keyring: repr(vars(type(keyring))),
    ],
    ids=["repr", "str", "format", "asdict", "deepcopy", "vars"],
)
def test_nothing_prints_the_secret(show):
    keyring = Keyring.parse(TEXT)
    secret = bytes.fromhex(TEXT)
    subkey = keyring.subkey("prf", "email")
    shown = show(keyring)
    for hidden in (secret, subkey):
        assert hidden.hex() not in shown.lower()
        assert repr(hidden) not in shown


def test_is_not_pickled(keys):
    with pytest.raises(TypeError, match="masking key is not pickled"):
        pickle.dumps(keys)


def test_is_frozen(keys):
    with pytest.raises(dataclasses.FrozenInstanceError):
        keys.one_way = True


def test_a_subkey_is_hkdf_sha256_over_scheme_purpose_and_domain(keys):
    label = b"\0\0\0\x011" + b"\0\0\0\x03prf" + b"\0\0\0\x05email"
    expected = HKDF(algorithm=SHA256(), length=32, salt=b"masker", info=label)
    assert keys.subkey("prf", "email") == expected.derive(bytes.fromhex(TEXT))
    assert keys.subkey("prf", "email") is keys.subkey("prf", "email")


def test_subkeys_differ(keys, other_keys):
    names = [("a", "bc"), ("ab", "c"), ("abc", ""), ("", "abc"), ("b", "ac"), ("", "")]
    subkeys = {keyring.subkey(*name) for keyring in (keys, other_keys) for name in names}
    assert len(subkeys) == 2 * len(names)
    assert {len(subkey) for subkey in subkeys} == {32}


def test_ephemeral_keys_are_one_way_and_different():
    keyrings = [Keyring.ephemeral() for _ in range(50)]
    assert all(keyring.one_way for keyring in keyrings)
    assert len({keyring.id for keyring in keyrings}) == 50


def test_new_text_is_a_key():
    assert not Keyring.parse(Keyring.new_text()).one_way


@pytest.mark.parametrize("make", [lambda: Keyring.parse(TEXT), Keyring.ephemeral])
def test_a_worker_gets_the_same_keyring(make):
    keyring = make()
    handed = Keyring.from_export(keyring.export())
    assert (handed.id, handed.one_way, handed.scheme) == (
        keyring.id,
        keyring.one_way,
        keyring.scheme,
    )
    assert handed.subkey("prf", "name") == keyring.subkey("prf", "name")


def test_a_worker_refuses_anything_else(keys):
    good = keys.export()
    older = good.replace(bytes([SCHEME, 0]), bytes([SCHEME + 1, 0]), 1)
    for bad in (b"", good[:-1], good + b"x", good[1:], older, bytes.fromhex(TEXT)):
        with pytest.raises(Bug):
            Keyring.from_export(bad)

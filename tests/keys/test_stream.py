import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys.stream import stream


def test_published_sample():
    # NIST SP 800-38A, F.5.5 CTR-AES256.Encrypt, block 1
    hidden = stream(
        bytes.fromhex("6bc1bee22e409f96e93d7e117393172a"),
        key=bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
        nonce=bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"),
    )
    assert hidden.hex() == "601ec313775789a5b7a7f504bbf3d228"


@given(st.binary(max_size=100), st.binary(min_size=32, max_size=32))
def test_is_its_own_inverse(content, key):
    hidden = stream(content, key=key, nonce=bytes(16))
    assert len(hidden) == len(content)
    assert stream(hidden, key=key, nonce=bytes(16)) == content


@pytest.mark.parametrize(("key", "nonce"), [(bytes(31), bytes(16)), (bytes(32), bytes(15))])
def test_refuses_another_length(key, nonce):
    with pytest.raises(ValueError, match="nvalid"):
        stream(b"x", key=key, nonce=nonce)

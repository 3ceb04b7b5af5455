"""Password_hash: every hash is of `masker`, in the scheme that stood there."""

import base64
import hashlib
import hmac
import re

import pytest

from masker.transformers.password_hash import HASHES, PASSWORD

SECRET = PASSWORD.encode()


@pytest.fixture
def new(mask):
    return lambda old, **site: mask("password_hash", [old], **site).values.item()


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
def test_bare_digests(new, name):
    assert new(hashlib.new(name, b"hunter2").hexdigest()) == hashlib.new(name, SECRET).hexdigest()


def test_django_pbkdf2(new):
    _, rounds, salt, digest = new("pbkdf2_sha256$1000$salt$abc=").split("$")
    made = hashlib.pbkdf2_hmac("sha256", SECRET, salt.encode(), int(rounds))
    assert base64.b64decode(digest) == made


def test_werkzeug_pbkdf2(new):
    head, salt, digest = new("pbkdf2:sha256:1000$salt$abc").split("$")
    made = hashlib.pbkdf2_hmac("sha256", SECRET, salt.encode(), int(head.split(":")[2]))
    assert digest == made.hex()


def test_werkzeug_scrypt(new):
    head, salt, digest = new("scrypt:16384:8:1$salt$abc").split("$")
    n, r, p = map(int, head.split(":")[1:])
    made = hashlib.scrypt(SECRET, salt=salt.encode(), n=n, r=r, p=p, maxmem=2**28)
    assert digest == made.hex()


def test_scram(new):
    match = re.fullmatch(
        r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)", new("SCRAM-SHA-256$4096:a$b:c")
    )
    rounds, salt = int(match[1]), base64.b64decode(match[2])
    salted = hashlib.pbkdf2_hmac("sha256", SECRET, salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    assert base64.b64decode(match[3]) == stored
    assert base64.b64decode(match[4]) == hmac.digest(salted, b"Server Key", "sha256")


def test_ssha(new):
    raw = base64.b64decode(new("{SSHA}abc").removeprefix("{SSHA}"))
    assert raw[:20] == hashlib.sha1(SECRET + raw[20:]).digest()


def test_argon2(new):
    argon2 = pytest.importorskip(
        "cryptography.hazmat.primitives.kdf.argon2",
        reason="cryptography has Argon2 from 44 on, and 43 is allowed",
    )
    _, _, _, params, salt, digest = new("$argon2id$v=19$m=1$x$y").split("$")
    facts = dict(part.split("=") for part in params.split(","))
    made = argon2.Argon2id(
        salt=base64.b64decode(salt + "=="),
        length=32,
        iterations=int(facts["t"]),
        lanes=int(facts["p"]),
        memory_cost=int(facts["m"]),
    ).derive(SECRET)
    assert base64.b64decode(digest + "=") == made


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "old", ["$2a$04$" + "a" * 53, "$2b$04$" + "a" * 53, "$1$a$b", "$5$a$b", "$6$a$b"]
)
def test_crypts_schemes(new, old):
    crypt = pytest.importorskip("crypt", reason="Python has no crypt from 3.13 on")
    made = new(old)
    assert made.split("$")[1] == old.split("$")[1]
    if crypt.crypt("x", made) is None:
        pytest.skip("this system's crypt does not know the scheme")
    assert crypt.crypt(PASSWORD, made) == made


def test_a_hash_that_does_not_fit_is_scrambled(new):
    old = "$argon2id$v=19$x"
    made = new(old, length=40)
    assert len(made) == len(old)
    assert made != old


def test_plain_text_is_scrambled_and_counted(mask):
    masked = mask("password_hash", ["hunter2", ""])
    assert masked.values[0] != "hunter2"
    assert masked.unparsed == 1


def test_no_scheme_hides_another():
    plain = [re.sub(r"\$\$", "$", hashed).replace("${1}", "2b") for _, hashed in HASHES]
    for number, text in enumerate(plain):
        assert [n for n, (form, _) in enumerate(HASHES) if re.search(form, text)] == [number]

"""The shop fills, whole and alike, under the roles that are made for it."""

import hashlib
import os
import subprocess
import sys
import time

import polars as pl
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.demo import fill, has_shop, prepare_production
from masker.demo.shop.chance import generator, quotas
from masker.demo.shop.filling import copy_text, tables
from masker.demo.shop.rows import Recipe
from masker.engines.postgres.address import Address
from masker.errors import ConfigError

DIGEST = """
import hashlib, sys
from masker.demo.shop.filling import copy_text, tables
from masker.demo.shop.rows import Recipe
made = tables(Recipe(seed=int(sys.argv[1]), scale=0.05))
print(hashlib.sha256(b"".join(copy_text(frame) for frame in made.values())).hexdigest())
"""


def digest(seed: int, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DIGEST, str(seed)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_same_seed_same_shop():
    assert digest(1, "1") == digest(1, "2")


def test_other_seed_other_shop():
    here = tables(Recipe(seed=1, scale=0.01))
    there = tables(Recipe(seed=2, scale=0.01))
    assert not here["shop.customers"].equals(there["shop.customers"])


def test_same_seed_same_database(production, production_roles, shop, fresh_database):
    url = fresh_database(production, "again")
    fill(url, scale=0.05)
    names = """
        SELECT c.oid::regclass::text FROM pg_class c WHERE relkind = 'r'
        AND relnamespace::regnamespace::text IN ('shop', 'crm', 'hr') ORDER BY 1
    """
    found = []
    for address in (url, Address.parse(url).at(shop).conninfo):
        with psycopg.connect(address) as connection:
            tables_there = [name for (name,) in connection.execute(names)]
            found.append(
                [
                    connection.execute(
                        f"SELECT md5(string_agg(md5(t::text), '' ORDER BY t::text)) FROM {name} t"
                    ).fetchone()
                    for name in tables_there
                ]
            )
    assert found[0] == found[1]
    assert len(found[0]) > 24


@pytest.mark.parametrize("scale", [0, -1, float("nan")], ids=str)
def test_scale_is_positive(scale):
    with pytest.raises(ConfigError, match="greater than 0"):
        fill("postgresql://nobody@localhost/nothing", scale=scale)


def test_a_shop_is_not_filled_twice(production, shop, fresh_database):
    url = fresh_database(production, "twice", template=shop)
    assert has_shop(url)
    with pytest.raises(ConfigError, match="already has a schema `shop`"):
        fill(url, scale=0.01)


def test_default_size(production, production_roles, fresh_database):
    url = fresh_database(production, "whole")
    assert not has_shop(url)
    begin = time.monotonic()
    fill(url)
    assert time.monotonic() - begin < 60
    with psycopg.connect(url) as connection:
        (rows,) = connection.execute("""
            SELECT sum(reltuples) FROM pg_class
            WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('shop', 'crm', 'hr')
        """).fetchone()
    assert rows >= 100_000


def test_reader_reads_everything_and_writes_nothing(production_roles, shop):
    with psycopg.connect(production_roles.reader) as connection:
        connection.execute("SET row_security = off")
        (salaries,) = connection.execute("SELECT count(*) FROM hr.salaries").fetchone()
        assert salaries > 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM shop.outbox")


def test_row_security_holds_for_the_application(production_roles, shop):
    with psycopg.connect(production_roles.app) as connection:
        (current,) = connection.execute(
            "SELECT count(*) FILTER (WHERE NOT valid @> CURRENT_DATE) FROM hr.salaries"
        ).fetchone()
        assert current == 0
        assert connection.execute("SELECT count(last_name) > 0 FROM hr.employees").fetchone()[0]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT national_id FROM hr.employees")


def test_owner_owns_everything(production_roles, shop):
    with psycopg.connect(production_roles.owner) as connection:
        owners = connection.execute("""
            SELECT DISTINCT relowner::regrole::text FROM pg_class
            WHERE relnamespace::regnamespace::text IN ('shop', 'crm', 'hr')
        """).fetchall()
    assert owners == [("shop_owner",)]


def test_preparing_again_keeps_the_database(production, production_roles, shop):
    known = {
        role: Address.parse(url).url.password
        for role, url in (
            ("shop_owner", production_roles.owner),
            ("masker_reader", production_roles.reader),
            ("shop_app", production_roles.app),
        )
    }
    again = prepare_production(production.url(), database=shop, passwords=known)
    assert again == production_roles
    assert has_shop(again.owner)


def test_loader_copies_the_template_and_renames(staging, staging_roles):
    with psycopg.connect(staging_roles.loader, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE aside TEMPLATE {staging_roles.template}")
        connection.execute("ALTER DATABASE aside RENAME TO aside_renamed")
        (signals,) = connection.execute(
            "SELECT pg_has_role('pg_signal_backend', 'member')"
        ).fetchone()
        assert signals
        there = Address.parse(staging_roles.loader).at("aside_renamed").conninfo
        with psycopg.connect(there) as inside:
            extensions = inside.execute("SELECT extname FROM pg_extension").fetchall()
        assert ("vector",) in extensions
        connection.execute("DROP DATABASE aside_renamed")


def test_urls_are_not_printed(production_roles, staging_roles):
    assert "password" not in repr(production_roles) + repr(staging_roles)
    assert "postgresql://" not in repr(production_roles) + repr(staging_roles)


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_copy_text_has_one_line_per_row(values):
    written = copy_text(pl.DataFrame({"a": pl.Series(values, dtype=pl.String), "b": 1}))
    rows = written.decode().split("\n")[:-1]
    assert len(rows) == len(values)
    for value, row in zip(values, rows, strict=True):
        field, tail = row.split("\t")
        assert tail == "1"
        assert (field == r"\N") == (value is None)


@given(st.integers(0, 5000), st.integers(0, 100))
def test_quotas_are_exact(rows, seed):
    drawn = quotas(generator(seed, "test"), rows, {"few": 0.15, "many": 0.85})
    assert len(drawn) == rows
    assert (drawn == 0).sum() == round(rows * 0.15)


def test_streams_are_apart():
    one, two = (generator(1, subject).integers(0, 1 << 60, 4) for subject in ("a", "b"))
    assert hashlib.sha256(one.tobytes()).digest() != hashlib.sha256(two.tobytes()).digest()

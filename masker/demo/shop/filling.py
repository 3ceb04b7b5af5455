"""Creating the shop in a database: schema, tables by COPY, sequences, materialised view."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.resources import files

import polars as pl

from masker.demo.shop.rows import Recipe, Tables
from masker.demo.shop.tables import contacts, customers, sales, service, staff
from masker.engines.postgres.address import Address
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError

LARGEST = 100  # a shop is made in memory: some 14 million rows
STAMP = "%Y-%m-%d %H:%M:%S%.6f+00"
# COPY's text format: these four would end a field or a row, or begin an escape.
ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}

BEFORE_LOADING = (
    "1_types.sql",
    "2_shop.sql",
    "3_staff_and_crm.sql",
    "4_views_and_access.sql",
)
AFTER_LOADING = ("5_after_loading.sql",)


def fill(url: str, *, scale: float = 1.0, seed: int = 1) -> None:
    """Create the shop in an empty database and fill it, in one transaction.

    At scale 1 it has some 142,000 rows; smaller scales keep everything that is difficult. The
    same scale and seed give the same rows. The roles of `masker.demo.roles` must exist, and the
    extension `vector` unless the URL's role may create it. Raise ConfigError for a scale that
    makes no sense or a database that already has a shop.
    """
    check_scale(scale)
    made = tables(Recipe(seed=seed, scale=scale))
    with Session.open(Address.parse(url), side=Side.TARGET) as session:
        if _has_shop(session):
            raise ConfigError(
                f"`{session.address}` already has a schema `shop`",
                help="name an empty database",
                code="shop-exists",
            )
        with session.transaction():
            _run(session, BEFORE_LOADING)
            for name, frame in made.items():
                columns = ", ".join(f'"{column}"' for column in frame.columns)
                with session.copy_in(f"COPY {name} ({columns}) FROM STDIN") as write:
                    write(copy_text(frame))
            _run(session, AFTER_LOADING)
        session.execute("ANALYZE")


def check_scale(scale: float) -> None:
    """Raise ConfigError for a scale of which no shop can be made."""
    if not 0 < scale <= LARGEST:  # not a number is neither
        raise ConfigError(
            f"the scale must be greater than 0 and at most {LARGEST}, not {scale:g}",
            help="1 is the usual size, 0.05 a small one",
            code="bad-scale",
        )


def has_shop(url: str) -> bool:
    """Tell whether a database already has the shop."""
    with Session.open(Address.parse(url), side=Side.TARGET) as session:
        return _has_shop(session)


def _has_shop(session: Session) -> bool:
    return bool(session.one("SELECT to_regnamespace('shop') IS NOT NULL"))


def _run(session: Session, scripts: Sequence[str]) -> None:
    folder = files("masker.demo.shop") / "sql"
    for script in scripts:
        session.execute((folder / script).read_text(encoding="utf-8"))


def tables(recipe: Recipe) -> Tables:
    """Make every table of the shop, in an order in which foreign keys hold."""
    made = dict(customers.make(recipe))
    made |= sales.make(recipe, made)
    made |= staff.make(recipe)
    made |= service.make(recipe, made)
    made |= contacts.make(recipe, made)
    return made


def copy_text(frame: pl.DataFrame) -> bytes:
    r"""Write a frame in COPY's text format: tab-separated, `\N` for null."""
    stamps = pl.selectors.datetime()
    texts = pl.selectors.string()
    out = io.BytesIO()
    frame.with_columns(stamps.dt.to_string(STAMP)).with_columns(
        texts.str.replace_many(ESCAPES)
    ).write_csv(out, separator="\t", quote_style="never", null_value="\\N", include_header=False)
    return out.getvalue()

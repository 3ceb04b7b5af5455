"""The roles, passwords and empty databases of the demo's two servers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from masker.engines.postgres.address import Address
from masker.engines.postgres.session import Session, Side, literal, quote

OWNER, READER, LOADER, APP, CLERK = (
    "shop_owner",
    "masker_reader",
    "masker_loader",
    "shop_app",
    "hr_clerk",
)
TEMPLATE = "masker_template"

# Row-level security must not hide rows from the reader, hence BYPASSRLS.
ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        OWNER: "LOGIN",
        READER: "LOGIN BYPASSRLS",
        LOADER: "LOGIN CREATEDB",
        APP: "LOGIN",
        CLERK: "NOLOGIN",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """The URLs of the production database: its owner's, masker's reader's, the application's."""

    owner: str = field(repr=False)
    reader: str = field(repr=False)
    app: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """The URLs of the staging database: masker's loader's and the application's.

    `template` is an empty template database with the extensions that the loader may not create.
    """

    loader: str = field(repr=False)
    app: str = field(repr=False)
    template: str = TEMPLATE


def prepare_production(
    superuser: str, *, database: str = "shop", passwords: Mapping[str, str] | None = None
) -> Production:
    """Create the roles of production and an empty database with pgvector.

    `superuser` is a superuser's URL of any database of the server. A database that exists is
    kept; roles that exist get new passwords: those of `passwords`, else random ones. Raise
    ConfigError when the URL's role may not do this.
    """
    with _session(superuser) as session:
        made = _make_roles(session, (OWNER, READER, APP, CLERK), passwords or {})
        _make_database(session, database, f"OWNER {OWNER}")
    _add_vector(superuser, database)
    return Production(
        owner=_url(superuser, database, OWNER, made),
        reader=_url(superuser, database, READER, made),
        app=_url(superuser, database, APP, made),
    )


def prepare_staging(
    superuser: str, *, database: str = "shop_staging", passwords: Mapping[str, str] | None = None
) -> Staging:
    """Create the roles of staging, an empty database of the loader and the template.

    The template holds pgvector, which is not trusted: only a superuser may create it. Arguments
    and errors are those of `prepare_production`.
    """
    with _session(superuser) as session:
        made = _make_roles(session, (LOADER, APP, CLERK), passwords or {})
        session.execute(f"GRANT pg_signal_backend TO {LOADER}")
        _make_database(session, database, f"OWNER {LOADER}")
        _make_database(session, TEMPLATE, "IS_TEMPLATE true")
    _add_vector(superuser, TEMPLATE)
    return Staging(
        loader=_url(superuser, database, LOADER, made), app=_url(superuser, database, APP, made)
    )


def _session(url: str) -> Session:
    return Session.open(Address.parse(url), side=Side.TARGET)


def _make_roles(
    session: Session, names: tuple[str, ...], passwords: Mapping[str, str]
) -> Mapping[str, str]:
    """Create or alter roles; return the passwords of those that log in."""
    made = {name: passwords.get(name) or secrets.token_urlsafe(18) for name in names}
    for name in names:
        known = session.one("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        verb = "ALTER" if known else "CREATE"
        session.execute(f"{verb} ROLE {name} {ATTRIBUTES[name]} PASSWORD {literal(made[name])}")
    return made


def _make_database(session: Session, name: str, options: str) -> None:
    if not session.one("SELECT 1 FROM pg_database WHERE datname = %s", [name]):
        session.execute(f"CREATE DATABASE {quote(name)} TEMPLATE template0 {options}")


def _add_vector(superuser: str, database: str) -> None:
    with Session.open(Address.parse(superuser).at(database), side=Side.TARGET) as session:
        session.execute("CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public")


def _url(superuser: str, database: str, role: str, passwords: Mapping[str, str]) -> str:
    address = Address.parse(superuser).at(database)
    url = address.url.set(username=role, password=passwords[role])
    return url.render_as_string(hide_password=False)

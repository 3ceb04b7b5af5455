"""A database as the server keeps it beside its content: read from one, given to another.

Owner, encoding, locale, tablespace, rights, limits, settings and comment are what people who
connect depend on; a refreshed database takes them over from the one that it replaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from masker.engines.postgres.session import Session, literal, quote
from masker.errors import ConfigError, MaskerError
from masker.findings import Finding, warning

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic

NAME_BYTES = 63  # NAMEDATALEN less one
BUILTIN_SINCE = 170000
ICU_RULES_SINCE = 160000
PROVIDERS_SINCE = 150000
UNKNOWN_LOCALE = frozenset({"0A000", "22023", "42601", "42704", "42809"})
NOT_GRANTED = frozenset({"01006", "01007"})  # privilege_not_revoked, privilege_not_granted
PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}
OPEN = (("", "CONNECT", False), ("", "TEMPORARY", False))  # what no ACL at all means
# Settings that hold a list of names; their text is already quoted (guc.h, GUC_LIST_QUOTE).
_NAME_LISTS = frozenset(
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)
_NAME = re.compile(r'"((?:[^"]|"")*)"|([^,\s]+)')
_ROLE = "CASE {0} WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid({0}) END"
_GRANTS = f"""
SELECT {_ROLE.format("a.grantee")}, a.privilege_type, a.is_grantable
  FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a
 WHERE d.datname = %s AND a.grantee <> d.datdba ORDER BY 1, 2
"""
_SETTINGS = f"""
SELECT {_ROLE.format("s.setrole")}, pg_catalog.unnest(s.setconfig)
  FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
 WHERE d.datname = %s ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """What pg_database, pg_db_role_setting and the comment say of one database.

    `grants` hold (grantee or "" for PUBLIC, privilege, with grant option) without the owner's;
    `settings` (role or "" for all, parameter, value).
    """

    name: str
    owner: str
    encoding: str
    provider: str
    collate: str
    ctype: str
    locale: str | None
    icu_rules: str | None
    tablespace: str
    connection_limit: int
    is_template: bool
    comment: str | None
    grants: tuple[tuple[str, str, bool], ...]
    settings: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that carries something over; `what` says it in words, `subject` names it."""

    sql: str
    code: str
    subject: str
    what: str


def read(session: Session, name: str) -> Database | None:
    """Read what a server says of a database, from any session on it; None when there is none."""
    version = session.version
    locale = (
        "d.datlocale" if version >= BUILTIN_SINCE else
        "d.daticulocale" if version >= PROVIDERS_SINCE else "NULL"
    )  # fmt: skip
    rules = "d.daticurules" if version >= ICU_RULES_SINCE else "NULL"
    provider = "d.datlocprovider::text" if version >= PROVIDERS_SINCE else "'c'"
    rows = session.query(
        "SELECT pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding),"
        f" {provider}, d.datcollate, d.datctype, {locale}, {rules}, t.spcname, d.datconnlimit,"
        " d.datistemplate, pg_catalog.shobj_description(d.oid, 'pg_database'), d.datacl IS NULL"
        " FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace"
        " WHERE d.datname = %s",
        [name],
    )
    if not rows:
        return None
    row = rows[0]
    grants = OPEN if row[11] else tuple((g, p, w) for g, p, w in session.query(_GRANTS, [name]))
    return Database(
        name=name,
        owner=row[0],
        encoding=row[1],
        provider=PROVIDERS[row[2]],
        collate=row[3],
        ctype=row[4],
        locale=row[5],
        icu_rules=row[6],
        tablespace=row[7],
        connection_limit=row[8],
        is_template=row[9],
        comment=row[10],
        grants=grants,
        settings=tuple(
            (role, *config.split("=", 1)) for role, config in session.query(_SETTINGS, [name])
        ),
    )


def create(
    session: Session, name: str, *, like: Database, template: str | None, comment: str
) -> None:
    """Create an empty database with another's encoding and locale, closed to everybody else.

    The comment follows at once. PUBLIC may not connect until the rights are carried over, so
    that nobody reads rows before their audit. `template` names a database of the same locale.
    """
    options = [f"TEMPLATE {quote(template or 'template0')}"]
    if template is None:
        options += _locale(like, session.version)
    if like.tablespace != "pg_default":
        options.append(f"TABLESPACE {quote(like.tablespace)}")
    try:
        session.execute(f"CREATE DATABASE {quote(name)} {' '.join(options)}")
    except MaskerError as failure:
        if failure.sqlstate not in UNKNOWN_LOCALE:
            raise
        raise ConfigError(
            f"the target's server cannot make a database with encoding {like.encoding} and locale "
            f"`{like.locale or like.collate}` of provider {like.provider} [SQLSTATE "
            f"{failure.sqlstate}]",
            help="create an empty target database with a locale that its server has, or a "
            "`target.template` of the same locale",
            code="locale-missing",
            subject=name,
        ) from None
    set_comment(session, name, comment)
    session.execute(f"REVOKE ALL ON DATABASE {quote(name)} FROM PUBLIC")


def set_comment(session: Session, name: str, comment: str) -> None:
    """Set a database's comment."""
    session.execute(f"COMMENT ON DATABASE {quote(name)} IS {literal(comment)}")


def rename(session: Session, name: str, to: str) -> None:
    """Rename a database; the server waits five seconds for its sessions to end."""
    session.execute(f"ALTER DATABASE {quote(name)} RENAME TO {quote(to)}")


def drop(session: Session, name: str) -> None:
    """Drop a database with its sessions, if it exists."""
    session.execute(f"DROP DATABASE IF EXISTS {quote(name)} WITH (FORCE)")


def fresh(like: Database, *, name: str, owner: str) -> Database:
    """Return what a first database of this name shall be: another's text, nobody's rights."""
    return replace(
        like,
        name=name,
        owner=owner,
        tablespace="pg_default",
        connection_limit=-1,
        is_template=False,
        comment=None,
        grants=OPEN,
        settings=(),
    )


def same_locale(one: Database, other: Database) -> bool:
    """Tell whether two databases store and compare text alike."""
    return (one.encoding, one.provider, one.collate, one.ctype, one.locale, one.icu_rules) == (
        other.encoding, other.provider, other.collate, other.ctype, other.locale, other.icu_rules
    )  # fmt: skip


def carry_over(like: Database, name: str) -> Iterator[Statement]:
    """Give statements that make database `name` as another is; its owner last."""
    here = quote(name)
    yield from _grants(like, here)
    for role, parameter, value in like.settings:
        whose = f"ROLE {quote(role)} IN DATABASE {here}" if role else f"DATABASE {here}"
        yield Statement(
            f"ALTER {whose} SET {quote(parameter)} TO {_value(parameter, value)}",
            "setting-not-carried",
            f"{role}.{parameter}" if role else parameter,
            f"the setting `{parameter}`" + (f" of role `{role}`" if role else ""),
        )
    if like.connection_limit != -1:
        yield Statement(
            f"ALTER DATABASE {here} CONNECTION LIMIT {like.connection_limit}",
            "limit-not-carried",
            like.name,
            "the connection limit",
        )
    if like.is_template:
        yield Statement(
            f"ALTER DATABASE {here} IS_TEMPLATE true",
            "template-not-carried",
            like.name,
            "being a template",
        )
    yield Statement(
        f"ALTER DATABASE {here} OWNER TO {quote(like.owner)}",
        "owner-not-carried",
        like.owner,
        f"the owner `{like.owner}`",
    )


def rehearse(session: Session, statements: Iterable[Statement]) -> dict[str, Finding]:
    """Run statements and roll them back; return those that the server refuses, with a finding.

    The answer is wanted before the work of hours, and only the server knows it.
    """
    return _run_all(session, statements, keep=False)


def apply(session: Session, statements: Iterable[Statement]) -> dict[str, Finding]:
    """Run statements in one transaction; return those that the server refuses, with a finding."""
    return _run_all(session, statements, keep=True)


def _run_all(
    session: Session, statements: Iterable[Statement], *, keep: bool
) -> dict[str, Finding]:
    refused: dict[str, Finding] = {}
    warned: list[str] = []

    def hear(notice: Diagnostic) -> None:
        warned.append(notice.sqlstate or "")

    session.raw.add_notice_handler(hear)
    try:
        session.execute("BEGIN")
        try:
            session.execute("SET LOCAL client_min_messages = warning")
            for statement in statements:
                warned.clear()
                state = _attempt(session, statement.sql)
                # A GRANT without the right to give is a mere warning to the server.
                state = state or next((word for word in warned if word in NOT_GRANTED), "")
                if state:
                    refused[statement.sql] = _refused(statement, state)
        except BaseException:
            session.rollback()
            raise
        session.execute("COMMIT" if keep else "ROLLBACK")
    finally:
        session.raw.remove_notice_handler(hear)
    return refused


def _attempt(session: Session, sql: str) -> str:
    """Run a statement in a savepoint; return the SQLSTATE with which it is refused, or ""."""
    session.execute("SAVEPOINT masker")
    try:
        session.execute(sql)
    except MaskerError as failure:
        if not failure.sqlstate:
            raise  # the connection is gone
        session.execute("ROLLBACK TO masker")
        return failure.sqlstate
    session.execute("RELEASE masker")
    return ""


def _refused(statement: Statement, state: str) -> Finding:
    return warning(
        statement.code,
        f"{statement.what} of the old target cannot be carried over [SQLSTATE {state}]",
        subject=statement.subject,
        help="give the loading role the right (membership of the owner, CREATEROLE, a superuser's "
        "grant)",
    )


def _grants(like: Database, here: str) -> Iterator[Statement]:
    for grantee, privilege, grantable in like.grants:
        whom = quote(grantee) if grantee else "PUBLIC"
        option = " WITH GRANT OPTION" if grantable else ""
        yield Statement(
            f"GRANT {privilege} ON DATABASE {here} TO {whom}{option}",
            "grant-not-carried",
            f"{privilege} on database to {grantee or 'PUBLIC'}",
            f"the right {privilege} on the database for `{grantee or 'PUBLIC'}`",
        )


def _locale(like: Database, version: int) -> Sequence[str]:
    options = [
        f"ENCODING {literal(like.encoding)}",
        f"LC_COLLATE {literal(like.collate)}",
        f"LC_CTYPE {literal(like.ctype)}",
    ]
    if version >= PROVIDERS_SINCE or like.provider != "libc":
        options.append(f"LOCALE_PROVIDER {like.provider}")
    if like.locale is not None:
        options.append(f"{like.provider.upper()}_LOCALE {literal(like.locale)}")
    if like.icu_rules is not None:
        options.append(f"ICU_RULES {literal(like.icu_rules)}")
    return options


def _value(parameter: str, value: str) -> str:
    if parameter.lower() not in _NAME_LISTS:
        return literal(value)
    names = [
        quoted.replace('""', '"') if quoted else plain for quoted, plain in _NAME.findall(value)
    ]
    return ", ".join(literal(name) for name in names) or "''"

"""The engines that there are, by the scheme of a URL; one is loaded when a URL names it."""

from __future__ import annotations

import difflib
from importlib import import_module
from pathlib import Path

from masker.engines.engine import Engine
from masker.errors import ConfigError

# Each module has an `ENGINE`.
ENGINES = {
    "postgres": "masker.engines.postgres.engine",
    "sqlite": "masker.engines.sqlite.engine",
}
SCHEMES = {"postgresql": "postgres", "postgres": "postgres", "sqlite": "sqlite"}
_HELP = "write postgresql://user:password@host:5432/database, or sqlite:////folder/file.db"


def engine_of(url: str) -> Engine:
    """Return the engine that a URL names; ConfigError where there is none."""
    return engine_named(name_of(url))


def engine_named(name: str) -> Engine:
    """Return an engine by the name that stands in its catalogs."""
    engine: Engine = import_module(ENGINES[name]).ENGINE
    return engine


def name_of(url: str) -> str:
    """Return the name of the engine of a URL, without loading it; ConfigError without one."""
    scheme, colon, _ = url.partition(":")
    scheme = scheme.partition("+")[0].lower()
    if colon and scheme in SCHEMES:
        return SCHEMES[scheme]
    if not colon or not scheme.isalnum():
        meant = f"did you mean `sqlite:///{url}`?" if _is_file(url) else _HELP
        raise ConfigError("the database URL cannot be read", help=meant, code="bad-url")
    near = difflib.get_close_matches(scheme, SCHEMES, n=1)
    raise ConfigError(
        f"`{scheme}` is no kind of database that masker knows",
        help=f"did you mean `{near[0]}`?" if near else _HELP,
        code="bad-url",
    )


def _is_file(url: str) -> bool:
    """Tell whether somebody wrote the path of a file in place of a URL; rules are no database."""
    try:
        return Path(url).is_file() and not url.endswith((".yaml", ".yml"))
    except (OSError, ValueError):  # too long for a name, a NUL in it
        return False

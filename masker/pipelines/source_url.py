"""The source as people name it on the command line: a URL, or a variable that holds one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from masker.errors import ConfigError

_VARIABLE = re.compile(r"^\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}$")


def variable_of(source: str) -> str | None:
    """Return the name of the variable in `${NAME}`, None for a URL."""
    named = _VARIABLE.match(source)
    return named["name"] if named else None


def url_of(source: str, environ: Mapping[str, str]) -> str:
    """Return the URL; ConfigError when the variable is not set."""
    name = variable_of(source)
    if name is None:
        return source
    if name not in environ:
        raise ConfigError(
            f"the environment variable `{name}` is not set",
            help=f"export {name}=postgresql://reader:password@host:5432/database",
            code="missing-variable",
            subject=name,
        )
    return environ[name]

"""URLs of places, and what is told of them: neither who comes there, nor with which password."""

from __future__ import annotations

import re

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[^/?#]*)(?P<path>[^?#]*)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
# In abfs://container@account.dfs.core.windows.net/path what stands before the `@` is no user.
_CONTAINER_FIRST = frozenset({"abfs", "abfss"})


def is_url(text: str) -> bool:
    """Tell whether a place is named by a URL, and not by a path."""
    return "://" in text


def scheme_of(url: str) -> str:
    """Return a URL's scheme in lower case; an empty text where it has none, or is several."""
    found = _URL.fullmatch(url)
    return "" if found is None or "::" in url else found["scheme"].lower()


def told(url: str) -> str:
    """Return a URL without user, password, query and fragment, for messages and records.

    A `/`, `?` or `#` in a password that nobody escaped ends the host too early: where an `@` behind
    it, or what would be the port, allows that, nothing but the scheme is told.
    """
    found = _URL.fullmatch(url)
    if found is None:
        return "…"
    scheme, host = found["scheme"].lower(), found["host"]
    user, at, server = host.rpartition("@")
    port = server.partition(":")[2] or "0"
    if not port.isdigit() or ((at or ":" in host) and "@" in found["path"] + found["rest"]):
        return f"{scheme}://…"
    if scheme in _CONTAINER_FIRST and ":" not in user:
        server = host
    return f"{scheme}://{server}{found['path']}".rstrip("/")

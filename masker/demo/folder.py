"""The demo's folder: its pipeline, its key, its records, and the URLs of servers that stay."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from masker.errors import ConfigError
from masker.keys import Keyring

_PACKAGE = Path(__file__).parents[1]
_KEY_VARIABLES = ("MASKER_KEY", "MASKER_KEY_FILE", "MASKER_KEY_COMMAND")


def shelf() -> Path:
    """Return the folder of the shipped pipelines, in an installed wheel or in a checkout."""
    installed = _PACKAGE / "share" / "pipelines"
    return installed if installed.is_dir() else _PACKAGE.parent / "pipelines"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the demo's files lie."""

    path: Path

    @property
    def pipeline(self) -> Path:
        """Return the pipeline with its policy, a copy of the shipped `shop.yaml`."""
        return self.path / "shop.yaml"

    @property
    def key(self) -> Path:
        """Return the file with the masking key, readable by its owner only."""
        return self.path / "masker.key"

    @property
    def records(self) -> Path:
        """Return the folder of manifests and the ledger."""
        return self.path / "records"

    @property
    def urls(self) -> Path:
        """Return the shell file that exports the URLs of servers that stay."""
        return self.path / "servers.env"

    def furnish(self) -> bool:
        """Put pipeline and key into the folder; files that are there are left as they are.

        Tell whether the pipeline is somebody's own, different from the shipped one. Raise
        ConfigError when the folder cannot be written.
        """
        shipped = (shelf() / self.pipeline.name).read_text(encoding="utf-8")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not self.key.exists():
                write_private(self.key, Keyring.new_text() + "\n")
            if self.pipeline.exists():
                return self.pipeline.read_text(encoding="utf-8") != shipped
            self.pipeline.write_text(shipped, encoding="utf-8")
        except OSError as failure:
            raise ConfigError(
                f"the demo cannot write into `{self.path}`: {failure.strerror}",
                help="name another folder: masker demo --dir FOLDER",
                code="folder-not-writable",
            ) from None
        return False

    def environment(self, outer: Mapping[str, str], *, source: str, target: str) -> dict[str, str]:
        """Return the environment in which the pipeline finds both servers and its key."""
        kept = {name: value for name, value in outer.items() if name not in _KEY_VARIABLES}
        return kept | self._variables(source, target)

    def write_urls(self, *, source: str, target: str) -> None:
        """Write the same environment as a shell file, for the commands that come next."""
        exports = [
            f"export {name}={shlex.quote(value)}\n"
            for name, value in self._variables(source, target).items()
        ]
        unset = f"unset {' '.join(_KEY_VARIABLES)}\n"
        write_private(self.urls, "".join([unset, *exports]))

    def _variables(self, source: str, target: str) -> dict[str, str]:
        return {
            "SHOP_PRODUCTION_URL": source,
            "SHOP_STAGING_URL": target,
            "MASKER_KEY_FILE": str(self.key.resolve()),
        }


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else may read, not even for a moment."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)

"""`python -m masker.demo.seed`: prepare two servers that are already there, as compose starts them.

Reads PRODUCTION_URL and STAGING_URL (superusers), DEMO_PASSWORD (of every role it makes) and
DEMO_SCALE; each may stand in a file that PRODUCTION_URL_FILE and so on name. A second call leaves
a shop that is there as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from masker.demo.roles import ATTRIBUTES, prepare_production, prepare_staging
from masker.demo.shop import fill, has_shop
from masker.engines.postgres.address import Address
from masker.errors import ConfigError, MaskerError


def seed(environment: Mapping[str, str]) -> None:
    """Create roles and databases on both servers and fill production, unless it is filled.

    Raise ConfigError when a variable is missing or cannot be read.
    """
    passwords = dict.fromkeys(ATTRIBUTES, _wanted(environment, "DEMO_PASSWORD"))
    production = prepare_production(_wanted(environment, "PRODUCTION_URL"), passwords=passwords)
    staging = prepare_staging(_wanted(environment, "STAGING_URL"), passwords=passwords)
    if not has_shop(production.owner):
        fill(production.owner, scale=_scale(environment.get("DEMO_SCALE", "1")))
    sys.stdout.write(f"production: {Address.parse(production.reader)}\n")
    sys.stdout.write(f"staging:    {Address.parse(staging.loader)}\n")


def _wanted(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "") or _from_file(environment.get(f"{name}_FILE", ""))
    if not value:
        raise ConfigError(f"the environment variable `{name}` is not set", help=__doc__ or "")
    return value


def _from_file(name: str) -> str:
    if not name:
        return ""
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as failure:
        reason = (failure.strerror or "unknown").lower()
        raise ConfigError(
            f"the file `{name}` cannot be read: {reason}", help="`make secrets` writes it"
        ) from None


def _scale(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(
            "the environment variable `DEMO_SCALE` is not a number", help="1 is the usual size"
        ) from None


def main() -> int:
    """Seed from the environment; return the exit code."""
    try:
        seed(os.environ)
    except MaskerError as failure:
        sys.stderr.write(f"{failure}\n")
        return failure.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`masker keys`: make a key, show the id of the one in use."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from masker.cli.state import State
from masker.cli.tell import out, out_json

app = typer.Typer()
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(group: typer.Typer, state: State) -> None:
    """Add the commands."""

    @group.command("new")
    def new(*, json: Json = False) -> None:
        """Print a new random key: 32 bytes. Keep it secret; masked data follows from it."""
        from masker.keys import Keyring  # noqa: PLC0415 - loaded when the command runs

        state.json = json
        text = Keyring.new_text()
        if json:
            out_json({"key": text, "id": Keyring.parse(text).id})
        else:
            out(text)

    @group.command("id")
    def show_id(*, json: Json = False) -> None:
        """Print the id of the key in MASKER_KEY, MASKER_KEY_FILE or MASKER_KEY_COMMAND."""
        from masker.errors import ConfigError  # noqa: PLC0415
        from masker.keys import Keyring  # noqa: PLC0415

        state.json = json
        keys = Keyring.from_environment(os.environ)
        if keys is None:
            raise ConfigError(
                "no key is set",
                help="make one and name its file, where secrets are kept:\n"
                "(umask 077 && masker keys new > masker.key)\n"
                "export MASKER_KEY_FILE=$PWD/masker.key",
                code="no-key",
            )
        if json:
            out_json({"id": keys.id, "scheme": keys.scheme})
        else:
            out(keys.id)

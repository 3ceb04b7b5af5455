"""What a pipeline asks of a kind of database that does not know it: told, never passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from masker.engines.registry import name_of
from masker.errors import ConfigError
from masker.findings import Finding, error
from masker.rules.places import Path, Places

_TITLES = {"postgres": "PostgreSQL", "sqlite": "SQLite"}
# Per engine: what is written where, and why it means nothing there.
_MEANINGLESS: Mapping[str, tuple[tuple[Path, str], ...]] = {
    "sqlite": (
        (("source", "encoding"), "a SQLite file says itself how its text is encoded"),
        (("source", "limits", "connections"), "a SQLite file is read through one connection"),
        (("target", "template"), "SQLite has no template databases"),
        (("tools",), "SQLite needs no pg_dump"),
        (("publish", "terminate"), "nobody can end another program's use of a SQLite file"),
    )
}
# What belongs to a new database beside the target, and means nothing where there is none.
_OF_A_SWAP: tuple[tuple[Path, str], ...] = (
    (("target", "template"), "no database is made"),
    (("publish", "terminate"), "nobody's session is in the way of a COMMIT"),
    (("publish", "keep_previous"), "no copy of what was there is kept"),
)
_INTO_THE_TARGET = ("replace", "append", "upsert")
_TOLD = frozenset({("sqlite", ("target", "template")), ("sqlite", ("publish", "terminate"))})
_ALLOWED_FOR_SERVERS = ("same-server", "shared-identity")


def misfits(written: object, places: Places) -> Iterator[Finding]:
    """Yield what does not go together with the kinds of database that the two URLs name.

    `written` is a file's plain content; a URL that is not filled in yet says nothing.
    """
    source, target = (_engine(_at(written, (side, "url"))) for side in ("source", "target"))
    if source and target and source != target:
        yield error(
            "engines-differ",
            f"the source is {_TITLES[source]} and the target {_TITLES[target]}: masker moves no "
            "data from one kind of database to another",
            subject=f"{source} {target}",
            at=places.key("target", "url"),
            help=f"name a target that is {_TITLES[source]}",
        )
        return
    engine = source or target
    yield from _of_modes(written, places, engine)
    for path, reason in _MEANINGLESS.get(engine, ()):
        if _at(written, path) is not None:
            yield _meaningless(path, reason, places)
    if engine != "sqlite":
        return
    into = _at(written, ("target", "mode")) in _INTO_THE_TARGET
    if _at(written, ("target", "schema")) == "keep" and not into:
        reason = "a SQLite file is built from the source's own schema"
        yield _meaningless(("target", "schema"), reason, places)
    allowed = _at(written, ("target", "allow"))
    for number, each in enumerate(allowed if isinstance(allowed, list) else ()):
        if each in _ALLOWED_FOR_SERVERS:
            reason = f"`{each}` is about servers, and SQLite has none"
            yield _meaningless(("target", "allow", number), reason, places)


def _of_modes(written: object, places: Places, engine: str) -> Iterator[Finding]:
    mode, clear = _at(written, ("target", "mode")), _at(written, ("target", "clear"))
    if clear is not None and mode != "replace":
        yield _meaningless(("target", "clear"), "only `mode: replace` empties tables", places)
    elif clear == "truncate" and engine == "sqlite":
        reason = "SQLite has no TRUNCATE; its DELETE of all rows is as quick"
        yield _meaningless(("target", "clear"), reason, places)
    if mode not in _INTO_THE_TARGET:
        return
    if _at(written, ("target", "schema")) == "copy":
        reason = f"with `mode: {mode}` the tables are the target's own"
        yield _meaningless(("target", "schema"), reason, places)
    for path, why in _OF_A_SWAP:
        if _at(written, path) is not None and (engine, path) not in _TOLD:
            yield _meaningless(path, f"with `mode: {mode}` {why}", places)


def _meaningless(path: Path, reason: str, places: Places) -> Finding:
    words = ".".join(part for part in path if isinstance(part, str))
    return error(
        "means-nothing",
        f"`{words}` means nothing here: {reason}",
        subject=words,
        at=places.key(*path),
        help="take it out of the file",
    )


def _at(written: object, path: Path) -> object:
    for step in path:
        if not isinstance(written, dict) or step not in written:
            return None
        written = written[step]
    return written


def _engine(url: object) -> str:
    if not isinstance(url, str):
        return ""
    try:
        return name_of(url)
    except ConfigError:  # told when the URL is used
        return ""

# ruff: noqa: INP001 - a folder of pages; its scripts are run, never imported as a package
"""The reference of the pipeline language, made from the models that read it."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic.fields import FieldInfo

from masker.rules.packs import Match, PackFile, PackRule
from masker.rules.pipeline import Pipeline
from masker.rules.sections import (
    Count,
    Duration,
    Rule,
    Secret,
    Section,
    Share,
    Size,
    TableRule,
)

_WORDS: tuple[tuple[object, str], ...] = (
    (Duration, "duration"),
    (Size, "size"),
    (Share, "share"),
    (Count, "whole number, 1 or more"),
    (Secret, "text"),
)
_PLAIN: Mapping[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    object: "anything",
    Any: "anything",
}
_HEAD = """<!-- Made by `make docs`; change the code instead. -->

# Pipeline language

Every key of every section. [Rules](../rules.md) explains them. Durations are written `60s`,
`15min`, `2h`, `30d`; sizes `500MB`, `20GiB`; shares `5%` or `0.05`. What is marked *not yet* is
read and checked, and `plan` and `run` stop at it: see [limits](../limits.md)."""
_SECTIONS: Mapping[object, str] = {Rule: "verdict", PackRule: "rule", TableRule: "treatment"}
# Read and checked, but `plan` and `run` stop at them (`not-yet`).
NOT_YET = frozenset({"after_publish", "expires", "audit.fidelity"})
_SECONDS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def sections() -> Iterator[tuple[str, type[Section]]]:
    """Yield every section of the language with the keys that lead to it, outermost first."""
    yield from _below("", Pipeline, set())
    yield "a verdict", Rule
    yield "`tables: {TABLE: …}`", TableRule
    yield "a pack", PackFile
    yield "a rule of a pack", PackRule
    yield "`match`", Match


def _below(path: str, model: type[Section], seen: set[type]) -> Iterator[tuple[str, type[Section]]]:
    yield (f"`{path}`" if path else "the file"), model
    for name, hint in _hints(model).items():
        inner = _section_in(hint)
        if inner is not None and inner not in {*seen, Rule, TableRule}:
            seen.add(inner)
            yield from _below(f"{path}.{name}" if path else name, inner, seen)


def keys(model: type[Section]) -> Iterator[tuple[str, str, str, str]]:
    """Yield each key of a section: its name, its type in words, its default and its meaning."""
    hints = _hints(model)
    for field, info in model.model_fields.items():
        name = info.alias or field
        yield name, _words(hints[name]), _default(info), _meaning(info, hints[name])


def pipeline_page() -> str:
    """Return the reference of the pipeline language as Markdown."""
    lines = [_HEAD]
    for path, model in sections():
        lines += ["", f"## {path[0].upper()}{path[1:]}", "", f"{model.__doc__}".strip(), ""]
        lines += ["| key | type | default | means |", "|---|---|---|---|"]
        lines += [
            f"| `{name}` | {kind} | {default} | {meaning}{_later(path, name)} |"
            for name, kind, default, meaning in keys(model)
        ]
    return "\n".join(lines) + "\n"


def _later(path: str, name: str) -> str:
    inside = path.strip("`")
    return " *Not yet.*" if name in NOT_YET or f"{inside}.{name}" in NOT_YET else ""


def _hints(model: type[Section]) -> dict[str, Any]:
    hints = typing.get_type_hints(model, include_extras=True)
    return {info.alias or name: hints[name] for name, info in model.model_fields.items()}


def _meaning(info: FieldInfo, hint: object) -> str:
    section = _section_in(hint)
    said = info.description or (section.__doc__ if section else "") or ""
    return " ".join(said.split())


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    made = info.get_default(call_default_factory=True)
    if made is None or isinstance(made, Section) or made in ((), {}, ""):
        return ""
    if isinstance(made, timedelta):
        made = _duration(made)
    return f"`{str(made).lower() if isinstance(made, bool) else made}`"


def _duration(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    return next(
        f"{seconds // each}{unit}"
        for unit, each in _SECONDS
        if seconds % each == 0 and (seconds > each or unit == "s")
    )


def _section_in(hint: object) -> type[Section] | None:
    if isinstance(hint, type) and issubclass(hint, Section):
        return hint
    inner = (_section_in(each) for each in typing.get_args(hint))
    return next((each for each in inner if each is not None), None)


def _words(hint: object) -> str:  # noqa: PLR0911 - a line per form that a type has
    """Return a type as people say it."""
    known = next((words for alias, words in _WORDS if hint == alias), None) or _PLAIN.get(hint)
    if known:
        return known
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _words(arguments[0])
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_words(each) for each in arguments if each is not type(None))
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in arguments)
    if origin is not None:  # a tuple or a mapping
        return ("list of " if origin is tuple else "mapping to ") + _words(
            arguments[0 if origin is tuple else 1]
        )
    if hint in _SECTIONS or not hasattr(hint, "__members__"):
        return _SECTIONS.get(hint, "section")
    return ", ".join(f"`{each}`" for each in hint.__members__)

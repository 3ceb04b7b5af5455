"""Fill in `${VAR}`, `${VAR:-default}` and `${file:path}` in the values of a rule file.

`${VAR}` may also come from a file that `VAR_FILE` names, as images of servers take their passwords.
Filling happens after the YAML is parsed, so what a variable holds never becomes YAML, and the
written words (not the filled ones) are what complaints show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from masker.findings import Finding, error, note
from masker.rules.document import Block, Entry, Items, Scalar, Tree

_OPENING = re.compile(r"\$?\$\{(?P<body>[^}]*)(?P<end>\}?)")
_VARIABLE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL)
_FILE = "file:"


@dataclass(frozen=True, slots=True)
class Environment:
    """What values are filled from: variables, and files relative to `folder`.

    `lenient` leaves what is not there as it is written and only notes it: for a check where the
    secrets of the run are not at hand.
    """

    variables: Mapping[str, str] = field(repr=False)
    folder: Path
    lenient: bool = False


def fill(tree: Tree, environment: Environment) -> tuple[Tree, tuple[Finding, ...]]:
    """Return the tree with its values filled in, and what could not be filled."""
    found: list[Finding] = []
    return _fill(tree, environment, found), tuple(found)


def _fill(tree: Tree, environment: Environment, found: list[Finding]) -> Tree:
    if isinstance(tree, Block):
        return replace(
            tree,
            entries=tuple(
                Entry(entry.key, _fill(entry.value, environment, found)) for entry in tree.entries
            ),
        )
    if isinstance(tree, Items):
        return replace(tree, items=tuple(_fill(item, environment, found) for item in tree.items))
    if "${" not in tree.written:
        return tree
    text = _OPENING.sub(lambda match: _filled(match, tree, environment, found), tree.written)
    return replace(tree, text=text)


def _filled(
    match: re.Match[str], scalar: Scalar, environment: Environment, found: list[Finding]
) -> str:
    whole, body = match[0], match["body"]
    if whole.startswith("$$"):
        return whole[1:]  # $${ is a plain ${
    variable = _VARIABLE.fullmatch(body)
    if match["end"] and "${" not in body:
        if body.startswith(_FILE):
            filled = _from_file(body.removeprefix(_FILE), scalar, environment, found)
            return whole if filled is None else filled
        if variable is not None:
            filled = _from_variable(variable, scalar, environment, found)
            return whole if filled is None else filled
    found.append(
        error(
            "bad-variable",
            f"`{whole}` names no variable" if match["end"] else "a `${` has no closing `}`",
            at=scalar.at,
            help="write ${NAME}, ${NAME:-default} or ${file:path}; $${ is a plain ${",
        )
    )
    return whole


def _from_variable(
    variable: re.Match[str], scalar: Scalar, environment: Environment, found: list[Finding]
) -> str | None:
    name = variable["name"]
    value, beside = environment.variables.get(name), environment.variables.get(f"{name}_FILE")
    if value and beside:
        found.append(
            error(
                "two-values",
                f"both `{name}` and `{name}_FILE` are set",
                subject=name,
                at=scalar.at,
                help=f"unset one: `{name}_FILE` names a file with what `{name}` would hold",
            )
        )
    if value:
        return value
    if beside:
        return _from_file(beside, scalar, environment, found)
    if variable["default"] is not None:
        return variable["default"]
    found.append(
        _not_set_here(name, scalar)
        if environment.lenient
        else error(
            "unset-variable",
            f"the environment variable `{name}` is " + ("not set" if value is None else "empty"),
            subject=name,
            at=scalar.at,
            help=f"export {name}; what is no secret may have a default in the file: ${{{name}:-…}}",
        )
    )
    return None


def _from_file(
    name: str, scalar: Scalar, environment: Environment, found: list[Finding]
) -> str | None:
    try:
        text = (environment.folder / name).expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError, RuntimeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else None
        found.append(
            _not_set_here(name, scalar)
            if environment.lenient
            else error(
                "unreadable-file",
                f"the file `{name}` cannot be read: {(reason or 'not UTF-8 text').lower()}",
                subject=name,
                at=scalar.at,
                help="check its rights and the path; it starts at the pipeline's folder",
            )
        )
        return None
    return text.removesuffix("\n").removesuffix("\r")


def _not_set_here(name: str, scalar: Scalar) -> Finding:
    return note(
        "not-set-here",
        f"`{name}` is not there to be filled in; `masker plan` and `masker run` need it",
        subject=name,
        at=scalar.at,
    )

# ruff: noqa: INP001 - a folder of pages; its scripts are run, never imported as a package
"""Collect every code that a finding or an error may carry, from the source itself.

A code that cannot be followed to its letters is an error here, so that none goes undocumented.
"""

from __future__ import annotations

import ast
import functools
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from masker import errors
from masker.errors import DataError, MaskerError

CODE = re.compile(r"[a-z]+(-[a-z]+)*")
SEVERITIES = ("error", "warning", "note")
# Calls whose code stands in another place than first: name of the callable -> index.
_INDEX = {"error": 0, "warning": 0, "note": 0, "Statement": 1}
_CARRIED = "warning"  # what a refused Statement becomes

# Codes that are made at run time, and what they can be.
MADE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("masker/load/postgres/preflight.py", "code"): (
        "logical-replication-slot",
        "subscription",
        "prepared-transaction",
    ),
    ("masker/rules/resolve.py", "verdict.ruling.value"): ("review", "uncovered"),
}
# Codes that were given elsewhere and are only passed on; SQLSTATEs have a table of their own.
PASSED_ON = frozenset({"finding.code", "each.code", "failure.code", "statement.code", "self.code"})
SQLSTATES = "masker/engines/postgres/errors.py"


@dataclass(slots=True)
class Code:
    """One code: how it is told (`error`, `warning`, `note`, `exit 5` …) and by which rooms."""

    code: str
    told: set[str] = field(default_factory=set)
    rooms: set[str] = field(default_factory=set)


@functools.cache
def collect(root: Path) -> dict[str, Code]:
    """Return every code of the package below `root`, by its word.

    Raises ValueError for a code that cannot be followed.
    """
    found: dict[str, Code] = {}
    trees = {
        path.relative_to(root).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((root / "masker").rglob("*.py"))
    }
    for file, tree in trees.items():
        if file in {"masker/findings.py", "masker/errors.py"}:
            continue
        for word, told in _File(file, tree, trees).codes():
            code = found.setdefault(word, Code(word))
            code.told.add(told)
            code.rooms.add(_room(file))
    return found


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _imported(tree: ast.Module, trees: Mapping[str, ast.Module]) -> dict[str, ast.expr]:
    """Return the constants that a file takes from other files of the package."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        origin = f"{node.module.replace('.', '/')}.py"
        if origin in trees:
            known = _constants(trees[origin])
            found |= {
                each.asname or each.name: known[each.name]
                for each in node.names
                if each.name in known
            }
    return found


class _File:
    """One file of the source: its constants, its functions, and the calls that tell something."""

    def __init__(self, file: str, tree: ast.Module, trees: Mapping[str, ast.Module]) -> None:
        self.file = file
        self.tree = tree
        self.constants = {**_imported(tree, trees), **_constants(tree)}
        nodes = list(ast.walk(tree))
        self.calls = [node for node in nodes if isinstance(node, ast.Call)]
        self.functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]

    def codes(self) -> Iterator[tuple[str, str]]:
        """Yield each code with how it is told."""
        for call in self.calls:
            name = _name(call.func)
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            kind = getattr(errors, name, None)
            if isinstance(kind, type) and issubclass(kind, MaskerError):
                told = f"exit {kind.exit_code}"
                words = self.words(given["code"]) if "code" in given else {kind("").code}
            elif _tells(call):
                told = name if name in SEVERITIES else "error"
                told = _CARRIED if name == "Statement" else told
                words = self.words(call.args[_INDEX[name]])
            elif name == "type(failure)" and "code" in given:  # the same kind, told better
                told, words = f"exit {DataError.exit_code}", self.words(given["code"])
            else:
                continue
            yield from ((word, told) for word in sorted(words))
        for function in self.functions:
            if function.name == "cautions":
                yield from ((word, "warning") for word in sorted(self.cautions(function)))

    def cautions(self, function: ast.FunctionDef) -> set[str]:
        """Return the codes of what a transformer asks a person to accept."""
        words: set[str] = set()
        for node in ast.walk(function):
            meant = self.constants.get(node.id) if isinstance(node, ast.Name) else node
            if isinstance(meant, ast.Tuple) and meant.elts:
                first = meant.elts[0]
                if isinstance(first, ast.Constant) and CODE.fullmatch(str(first.value)):
                    words.add(str(first.value))
        return words

    def words(self, node: ast.expr) -> set[str]:
        """Return what an expression for a code can be."""
        written = ast.unparse(node)
        if (self.file, written) in MADE:
            return set(MADE[self.file, written])
        if isinstance(node, ast.Constant):
            return {str(node.value)} if CODE.fullmatch(str(node.value)) else set()
        if written in PASSED_ON or self.file == SQLSTATES:
            return set()
        if isinstance(node, ast.IfExp):
            return self.words(node.body) | self.words(node.orelse)
        if isinstance(node, ast.JoinedStr):
            parts = [
                self.words(part.value)
                if isinstance(part, ast.FormattedValue)
                else {str(part.value)}  # type: ignore[attr-defined]
                for part in node.values
            ]
            return {"".join(each) for each in itertools.product(*parts)}
        if isinstance(node, ast.Name):
            return self.named(node)
        raise ValueError(f"{self.file}:{node.lineno}: the code `{written}` cannot be followed")

    def named(self, node: ast.Name) -> set[str]:
        """Return what a name can be: a constant of the file, or what callers pass."""
        if node.id in self.constants:
            return self.words(self.constants[node.id])
        for function in self.functions:
            names = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
            if node.id in names and function.lineno <= node.lineno <= (function.end_lineno or 0):
                return self.passed(function, node.id, names)
            for inner in ast.walk(function):
                inside = function.lineno <= node.lineno <= (function.end_lineno or 0)
                if inside and isinstance(inner, ast.For) and "cautions" in ast.unparse(inner.iter):
                    return set()  # the transformers' own, found where they are written
        raise ValueError(f"{self.file}:{node.lineno}: the code `{node.id}` cannot be followed")

    def passed(self, function: ast.FunctionDef, name: str, names: list[str]) -> set[str]:
        """Return what callers in the same file pass for a parameter."""
        index = names.index(name) - (names[0] == "self")
        words: set[str] = set()
        for call in self.calls:
            if _name(call.func) != function.name:
                continue
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            value = given.get(name) or (call.args[index] if index < len(call.args) else None)
            if value is not None:
                words |= self.words(value)
        return words


def _tells(call: ast.Call) -> bool:
    """Tell whether a call makes a finding: `error(…)`, not a method of the same name."""
    name = _name(call.func)
    known = name in _INDEX and len(call.args) > _INDEX[name]
    return known and isinstance(call.func, ast.Name)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ast.unparse(function)


def _room(file: str) -> str:
    parts = file.removeprefix("masker/").split("/")
    if parts[0] == "engines":
        return "engines/" + parts[1].removesuffix(".py")
    return parts[0].removesuffix(".py")

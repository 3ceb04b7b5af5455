"""YAML with a position for every key and value: the form in which rule files are read.

The one door to ruamel.yaml. The language is a plain subset of YAML 1.2: mappings with text keys,
lists and scalars, anchors and aliases; no tags, no merge keys, no duplicate keys, no bare null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from masker.errors import ConfigError
from masker.findings import Finding, Position, error

_SQLITE = b"SQLite format 3\0"  # sqlite.org/fileformat2.html, 1.3.1
_URL = re.compile(r"\$\{|[A-Za-z][A-Za-z0-9+.-]+:/")  # a path has lost one of the two slashes
# Aliases make a small file large: no policy repeats itself so often.
_MOST_REPEATS = 20
_SMALL = 1_000  # nodes
_CORE = "tag:yaml.org,2002:"
_KINDS: dict[str, Literal["text", "integer", "float", "boolean", "null"]] = {
    f"{_CORE}str": "text",
    f"{_CORE}int": "integer",
    f"{_CORE}float": "float",
    f"{_CORE}bool": "boolean",
    f"{_CORE}null": "null",
    f"{_CORE}timestamp": "text",  # a date is written as text and read by who needs it
    f"{_CORE}value": "text",  # a lone =
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: `text` after substitution, `written` as it stands in the file."""

    text: str
    written: str
    kind: Literal["text", "integer", "float", "boolean", "null"]
    at: Position

    @property
    def value(self) -> str | int | float | bool | None:
        """Return the value that YAML 1.2 gives to the text."""
        if self.kind == "integer":
            return _integer(self.text)
        if self.kind == "float":
            return _float(self.text)
        if self.kind == "boolean":
            return self.text.lower() == "true"
        return None if self.kind == "null" else self.text


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping and what stands under it."""

    key: Scalar
    value: Tree


@dataclass(frozen=True, slots=True)
class Block:
    """A mapping, its entries in file order."""

    entries: tuple[Entry, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Tree, ...]
    at: Position


Tree = Scalar | Block | Items


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value stands in a text: its first and last character, and whether in brackets.

    `indent` is the column of its first character; `entries` are the values of a mapping by key.
    """

    start: int
    end: int
    flow: bool
    indent: int
    entries: Mapping[str, Span]


def spans(text: str) -> Span:
    """Return where everything stands in a YAML text that `parse` finds nothing wrong with."""
    return _span(YAML(typ="safe", pure=True).compose(text))


def _span(node: Node) -> Span:
    start, end = node.start_mark.index, node.end_mark.index
    if not isinstance(node, MappingNode | SequenceNode) or not node.value:
        return Span(start, end, isinstance(node, MappingNode), node.start_mark.column, {})
    entries = {}
    if isinstance(node, MappingNode):
        entries = {key.value: _span(value) for key, value in node.value}
    if not node.flow_style:  # its mark is where the next thing begins; its own end is its last's
        last = node.value[-1]
        end = _span(last[1] if isinstance(node, MappingNode) else last).end
    return Span(start, end, bool(node.flow_style), node.start_mark.column, entries)


def value_of(tree: Tree, *, typed: bool = False) -> object:
    """Return a tree as plain dicts, lists and texts; a null is None.

    Numbers and booleans stay the text that was written, so that a key of digits keeps its zeros;
    the models read them. Only parameters, below `with`, become what YAML 1.2 says they are.
    """
    if isinstance(tree, Block):
        return {
            entry.key.text: value_of(entry.value, typed=typed or entry.key.text == "with")
            for entry in tree.entries
        }
    if isinstance(tree, Items):
        return [value_of(item, typed=typed) for item in tree.items]
    return tree.value if typed or tree.kind == "null" else tree.text


def read_text(path: Path) -> str:
    """Return the text of a rule file; ConfigError if it cannot be read or is not UTF-8."""
    try:
        raw = path.read_bytes()
        if raw.startswith(_SQLITE):
            raise ConfigError(
                f"`{path}` is a SQLite file, and a YAML file is wanted here",
                help=f"where a database is taken, its URL names it: sqlite:///{path}",
                code="bad-yaml",
            )
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(
            f"`{path}` is not UTF-8 text", help="save the file as UTF-8", code="bad-yaml"
        ) from None
    except (OSError, ValueError) as problem:
        if _URL.match(str(path)):  # not repeated: it may hold a password
            raise ConfigError(
                "a URL, or a variable, stands where the path of a file is wanted",
                help="name the pipeline's file; `masker init` writes one for a database",
                code="unreadable-file",
            ) from None
        why = (problem.strerror if isinstance(problem, OSError) else None) or "no such path"
        raise ConfigError(
            f"`{path}` cannot be read: {why.lower()}",
            help="check the path and the rights of the file",
            code="unreadable-file",
            subject=str(path),
        ) from None


def parse(text: str, *, file: str) -> tuple[Tree | None, tuple[Finding, ...]]:
    """Return the tree of a YAML text and what is wrong with it; None if it is no YAML at all.

    An empty text gives an empty mapping.
    """
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except ReaderError as problem:
        return None, (_unreadable(problem, text, file),)
    except MarkedYAMLError as problem:
        return None, (_syntax(problem, file),)
    except RecursionError:
        return None, (_bad("the YAML is nested too deeply", file),)
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
        # ruamel's scanner leaks Python errors on some malformed directives and escapes.
        return None, (_bad("this is not YAML", file),)
    if node is None:
        return Block((), Position(file, 1, 1)), ()
    walk = _Walk(file)
    tree = walk.tree(node)
    return tree, tuple(walk.found)


def _bad(message: str, file: str, mark: StreamMark | None = None, *, help: str = "") -> Finding:
    at = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)
    return error("bad-yaml", message, at=at, help=help)


def _unreadable(problem: ReaderError, text: str, file: str) -> Finding:
    before = text[: problem.position]
    return error(
        "bad-yaml",
        f"the character U+{ord(text[problem.position]):04X} is not allowed in YAML"
        if problem.position < len(text)
        else "a character is not allowed in YAML",
        at=Position(file, before.count("\n") + 1, len(before) - before.rfind("\n")),
        help="remove it, or write it as an escape in double quotes",
    )


def _syntax(problem: MarkedYAMLError, file: str) -> Finding:
    said = " ".join(str(problem.problem or problem.context or "this is not YAML").split())
    mark = problem.problem_mark or problem.context_mark
    if "'\\t'" in said:
        return _bad("a tab stands where YAML wants blanks", file, mark, help="indent with blanks")
    if "another document" in said:
        return _bad("a second YAML document begins", file, mark, help="one file holds one document")
    hints = {
        "mapping values are not allowed": "put text that holds `: ` in quotes",
        "cannot start any token": "put text that begins with this character in quotes",
        "<block end>": "check the indentation of this line and of the lines above",
        "',' or ": "close the bracket, or put text that holds brackets in quotes",
        "undefined alias": "put text that begins with `*` in quotes",
    }
    help = next((hint for words, hint in hints.items() if words in said), "")
    words = said.replace("'", "`")
    return _bad(f"this is not YAML: {words}", file, mark, help=help)


@dataclass(slots=True)
class _Walk:
    """One walk from ruamel's nodes to ours, collecting what the language does not allow."""

    file: str
    found: list[Finding] = field(default_factory=list)
    above: list[int] = field(default_factory=list)  # ids of the nodes around the current one
    visits: int = 0
    full: bool = False  # too many visits; told once
    nodes: set[int] = field(default_factory=set)  # ids of all nodes that were visited

    def at(self, node: Node) -> Position:
        return Position(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def wrong(self, code: str, message: str, node: Node, help: str) -> None:
        self.found.append(error(code, message, at=self.at(node), help=help))

    def tree(self, node: Node) -> Tree:
        self.visits += 1
        self.nodes.add(id(node))
        empty = Scalar("", "", "text", self.at(node))
        if self.visits > _SMALL + _MOST_REPEATS * len(self.nodes):
            if not self.full:
                self.wrong("bad-yaml", "aliases make the file too large", node, "write it out")
            self.full = True
            return empty
        if id(node) in self.above:
            self.wrong("bad-yaml", "an alias stands inside what it names", node, "write it out")
            return empty
        self.above.append(id(node))
        try:
            return self.inside(node)
        finally:
            self.above.pop()

    def inside(self, node: Node) -> Tree:
        if isinstance(node, MappingNode):
            self.plain_tag(node, f"{_CORE}map")
            return Block(tuple(self.entries(node)), self.at(node))
        if isinstance(node, SequenceNode):
            self.plain_tag(node, f"{_CORE}seq")
            return Items(tuple(self.tree(item) for item in node.value), self.at(node))
        self.plain_tag(node, *_KINDS)
        kind = _KINDS.get(str(node.tag), "text")
        return Scalar(str(node.value), str(node.value), kind, self.at(node))

    def plain_tag(self, node: Node, *tags: str) -> None:
        if str(node.tag) not in tags:
            self.wrong("bad-yaml", f"the tag `{node.tag}` is not known", node, "leave tags out")

    def entries(self, node: MappingNode) -> Iterator[Entry]:
        first: dict[str, Position] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.wrong("bad-yaml", "a key must be text", key, "put braces in quotes")
                continue
            if str(key.tag) == f"{_CORE}merge":
                self.wrong("bad-yaml", "the merge key `<<` is not known", key, "write it out")
                continue
            name = Scalar(key.value, key.value, "text", self.at(key))
            if name.text in first:
                self.wrong(
                    "duplicate-key",
                    f"`{name.text}` stands here a second time",
                    key,
                    f"the first is at {first[name.text]}; keep one of them",
                )
                continue
            first[name.text] = name.at
            tree = self.tree(value)
            if isinstance(tree, Scalar) and tree.kind == "null" and not tree.written:
                tree = replace(tree, at=name.at)  # ruamel puts an empty value on the next line
            yield Entry(name, tree)


def _integer(text: str) -> int | str:
    plain = text.replace("_", "")
    try:
        return int(plain, 0)
    except ValueError:
        try:
            return int(plain)
        except ValueError:
            return text


def _float(text: str) -> float | str:
    try:
        return float(text.replace("_", ""))
    except ValueError:
        return text  # .inf and .nan mean nothing in a policy

"""Turn what is wrong with a rule file into findings: place, words, how to mend.

Values that may be secret (URLs, keys, webhooks) are never repeated.
"""

from __future__ import annotations

import re
import types
import typing
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from masker.findings import Finding, Position, Severity, error, warning
from masker.rules.document import Block, Items, Scalar, Tree
from masker.rules.places import Path, Places, closest

_SECRET_KEYS = frozenset({"url", "key", "webhook"})
# A password in the user part of a URL, or as a query parameter; `${…}` is how it should stand.
_USER_PASSWORD = re.compile(r"://[^/?#\s:@]*:(?P<password>[^/@\s]+)@")
_QUERY_PASSWORD = re.compile(r"(?:^|[?&\s])(?:ssl)?password=(?P<password>[^\s&]+)", re.IGNORECASE)
_REFERENCE = re.compile(r"\$\{(?:[A-Za-z_][A-Za-z0-9_]*|file:[^}]*)(?::-)?\}")
_DEFAULT = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:-(?P<default>[^}]*)\}")

# pydantic's error type -> what the value should have been
_WANTED: Mapping[str, str] = {
    "string_type": "is not text",
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_parsing_size": "is not a whole number of usual size",
    "int_from_float": "is not a whole number",
    "float_type": "is not a number",
    "float_parsing": "is not a number",
    "finite_number": "is not a number",
    "bool_type": "is neither `true` nor `false`",
    "bool_parsing": "is neither `true` nor `false`",
    "tuple_type": "is not a list",
    "mapping_type": "is not a mapping",
    "dict_type": "is not a mapping",
    "model_type": "is not a mapping",
    "model_attributes_type": "is not a mapping",
    "string_too_short": "is empty",
    "too_short": "is an empty list",
}
_CHOICES: Mapping[str, Callable[[], Iterable[str]]] = {
    "timezone": lambda: sorted(zoneinfo.available_timezones())
}
_NO_KEEP = (
    "there is no `keep` here: it would publish columns that nobody has looked at; "
    "say `keep` on columns, by name or by glob, under `columns`"
)
_MANY = 8  # more choices than this are not listed beside a near miss
_PATTERNS: Mapping[str, str] = {
    "name": "is not a name of letters, digits, `.`, `_` and `-`",
    "locale": "is not a locale such as `de_DE`",
    "id": "is not an id of lower-case words joined by `-`",
}


def complaints(
    problem: ValidationError, model: type[BaseModel], places: Places, told: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield a finding per error of pydantic, except at places where an error is told already."""
    # A warning may be accepted, and then nothing would say what stops the file.
    silent = {finding.position for finding in told if finding.severity is Severity.ERROR}
    for details in problem.errors(include_url=False, include_input=False):
        path = tuple(step for step in details["loc"] if step != "[key]")
        if places.value(*path) in silent:
            continue
        if details["type"] == "too_short" and places.has_items(path):
            continue  # pydantic counts only the items that are right
        yield _complaint(details, path, model, places)


def _complaint(
    details: ErrorDetails, path: Path, model: type[BaseModel], places: Places
) -> Finding:
    name = path[-1] if path else ""
    if details["type"] == "missing":
        above = places.words(path[:-1])
        where = f" under `{above}`" if above else ""
        return error(
            "missing-key",
            f"`{name}` is missing{where}",
            at=places.key(*path[:-1]),
            help=f"add `{name}: …`",
        )
    if details["type"] == "extra_forbidden":
        return _unknown(path, model, places)
    said, help = _said(details, path, places)
    if _is_table_of_columns(path) and said == "is not a mapping":
        help = f'for every column alike, write `{name}: {{"*": …}}`'
    return error(
        "wrong-value", f"{_subject(path, places)} {said}", at=places.value(*path), help=help
    )


def _said(details: ErrorDetails, path: Path, places: Places) -> tuple[str, str]:
    """Return what is wrong with a value, and what may mend it."""
    kind, context = details["type"], details.get("ctx", {})
    name = str(path[-1]) if path else ""
    written = places.written(*path) or ""
    if kind in {"literal_error", "enum"}:
        choices = re.findall(r"'([^']*)'", str(context["expected"])) or [str(context["expected"])]
        listed = ", ".join(f"`{choice}`" for choice in choices)
        if len(choices) > _MANY:
            return "is not known", closest(written, choices, otherwise=f"known are {listed}")
        said = f"is not one of {listed}" if len(choices) > 1 else f"is not {listed}"
        no_keep = path == ("uncovered",) and written == "keep"
        return said, _NO_KEEP if no_keep else closest(written, choices)
    if kind == "value_error":
        known = _CHOICES[name]() if name in _CHOICES else ()
        return str(context["error"]), closest(written, known)
    if kind == "string_pattern_mismatch":
        near = closest(written.replace("-", "_"), ["de_DE", "en_US"]) if name == "locale" else ""
        return _PATTERNS.get(name, "is not written right"), near
    if kind in {"greater_than_equal", "less_than_equal"}:
        limit = float(context.get("ge", context.get("le", 0)))
        return f"is {'below' if 'ge' in context else 'above'} {limit:g}", ""
    return _WANTED.get(kind, "does not belong here"), ""


def _is_table_of_columns(path: Path) -> bool:
    return len(path) == 2 and path[0] == "columns"  # noqa: PLR2004 - columns, then a table


def _subject(path: Path, places: Places) -> str:
    written = places.written(*path)
    if written is None or _SECRET_KEYS & set(path) or not written:
        return f"`{places.words(path)}`"
    return f"`{places.words(path)}: {written}`"


def _unknown(path: Path, model: type[BaseModel], places: Places) -> Finding:
    known = _keys_at(model, path[:-1])
    above = places.words(path[:-1])
    listed = ", ".join(f"`{key}`" for key in known)
    return error(
        "unknown-key",
        f"`{path[-1]}` is not known" + (f" under `{above}`" if above else ""),
        at=places.key(*path),
        help=closest(str(path[-1]), known, otherwise=f"known are {listed}"),
    )


def _keys_at(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that the section at a path takes."""
    kind: object = model
    for step in path:
        kind = _below(_section(kind), step)
    section = _section(kind)
    if not (isinstance(section, type) and issubclass(section, BaseModel)):
        return []
    return [field.alias or name for name, field in section.model_fields.items()]


def _section(kind: object) -> object:
    """Return a type without Annotated and without `| None`."""
    while True:
        origin = typing.get_origin(kind)
        if origin is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif origin in {types.UnionType, typing.Union}:
            kind = next(each for each in typing.get_args(kind) if each is not type(None))
        else:
            return kind


def _below(kind: object, step: str | int) -> object:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        return fields[str(step)].annotation if step in fields else None
    arguments = typing.get_args(kind)
    if not arguments:
        return None
    return arguments[0] if isinstance(step, int) else arguments[-1]


def empty_values(tree: Tree, places: Places) -> Iterator[Finding]:
    """Yield a finding for every bare null: an empty value says nothing."""
    for path, scalar in scalars(tree):
        if scalar.kind != "null" or (path == ("uncovered",) and scalar.written == "null"):
            continue
        name = path[-1] if path else ""
        verdict = bool(path) and path[0] == "columns"
        yield error(
            "empty-value",
            f"`{places.words(path)}` has no {'verdict' if verdict else 'value'}"
            + (f": a bare `{scalar.written}` is nothing" if scalar.written else ""),
            at=scalar.at,
            help=f'write `{name}: "null"` for the transformer that writes NULL, or another verdict'
            if verdict
            else "write a value, or leave the line out",
        )


def written_secrets(tree: Tree, places: Places) -> Iterator[Finding]:
    """Yield a warning for every password, key or webhook that stands in the file itself."""
    for path, scalar in scalars(tree):
        if _holds_password(scalar.written):
            yield _written("password-in-file", "a password", path, places, scalar.at)
        elif path == ("key",) and not _is_reference(scalar.written) and scalar.written:
            yield _written("key-in-file", "the masking key", path, places, scalar.at)
        elif _is_webhook(path) and scalar.written and not _is_reference(scalar.written):
            yield _written("webhook-in-file", "a webhook", path, places, scalar.at)


def _written(code: str, what: str, path: Path, places: Places, at: Position) -> Finding:
    return warning(
        code,
        f"{what} stands in the file, under `{places.words(path)}`",
        subject=places.words(path),
        at=at,
        help='keep it in the environment or a secret file: "${NAME}" or "${file:path}"',
    )


def _is_webhook(path: Path) -> bool:
    return bool(path) and path[0] == "notify" and path[-1] == "webhook"


def _is_reference(written: str) -> bool:
    return "${" in written and _DEFAULT.search(written) is None


def _holds_password(written: str) -> bool:
    texts = [_REFERENCE.sub("\0", written)]
    texts += [match["default"] for match in _DEFAULT.finditer(written)]
    return any(
        match["password"].strip("\0")
        for text in texts
        for pattern in (_USER_PASSWORD, _QUERY_PASSWORD)
        for match in pattern.finditer(text)
    )


def scalars(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, Scalar]]:
    """Yield every scalar of a tree with its path."""
    if isinstance(tree, Scalar):
        yield path, tree
    elif isinstance(tree, Block):
        for entry in tree.entries:
            yield from scalars(entry.value, (*path, entry.key.text))
    elif isinstance(tree, Items):
        for number, item in enumerate(tree.items):
            yield from scalars(item, (*path, number))

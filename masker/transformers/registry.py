"""The list of transformers: built-ins by an explicit line each, plug-ins by entry point."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import importlib
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points

from masker.errors import ConfigError
from masker.findings import Finding, error
from masker.transformers.base import Param, Transformer
from masker.transformers.params import problem_of, settled

GROUP = "masker.transformers"  # the entry point group of plug-ins

_HERE = "masker.transformers"
BUILT_IN: Mapping[str, str] = {
    "alphanumeric": f"{_HERE}.permutation:Alphanumeric",
    "card": f"{_HERE}.card:Card",
    "city": f"{_HERE}.city:City",
    "company": f"{_HERE}.company:Company",
    "constant": f"{_HERE}.constant:Constant",
    "digits": f"{_HERE}.permutation:Digits",
    "email": f"{_HERE}.email:Email",
    "fake": f"{_HERE}.fake:Fake",
    "fake_text": f"{_HERE}.fake_text:FakeText",
    "first_name": f"{_HERE}.person:FirstName",
    "free_text": f"{_HERE}.free_text:FreeText",
    "full_name": f"{_HERE}.person:FullName",
    "iban": f"{_HERE}.iban:Iban",
    "integer": f"{_HERE}.integer:Integer",
    "ip": f"{_HERE}.ip:Ip",
    "json": f"{_HERE}.json:Json",
    "last_name": f"{_HERE}.person:LastName",
    "national_id": f"{_HERE}.national:NationalId",
    "null": f"{_HERE}.constant:Null",
    "password_hash": f"{_HERE}.password_hash:PasswordHash",
    "phone": f"{_HERE}.phone:Phone",
    "postcode": f"{_HERE}.postcode:Postcode",
    "recompute": f"{_HERE}.recompute:Recompute",
    "redact": f"{_HERE}.redact:Redact",
    "scramble": f"{_HERE}.scramble:Scramble",
    "shift_date": f"{_HERE}.shift_date:ShiftDate",
    "street": f"{_HERE}.street:Street",
    "token": f"{_HERE}.token:Token",
    "username": f"{_HERE}.username:Username",
    "uuid": f"{_HERE}.uuid:Uuid",
}


def register(listed: Mapping[str, str], more: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Join built-ins with plug-ins, given as (name, "module:Class", owner).

    Raises ConfigError that names both owners of every name that is taken twice.
    """
    places = dict(listed)
    owners = dict.fromkeys(listed, "masker")
    taken: list[Finding] = []
    for name, place, owner in more:
        if name in places:
            taken.append(
                error(
                    "transformer-taken",
                    f"`{owner}` and `{owners[name]}` both bring a transformer named `{name}` "
                    f"(`{place}`, `{places[name]}`)",
                    subject=name,
                    help="uninstall one of them, or rename its entry point",
                )
            )
        else:
            places[name] = place
            owners[name] = owner
    if taken:
        raise ConfigError.from_findings(taken)
    return places


@functools.cache
def _places() -> dict[str, str]:
    return register(
        BUILT_IN,
        (
            (point.name, point.value, point.dist.name if point.dist else "an unnamed package")
            for point in entry_points(group=GROUP)
        ),
    )


def names() -> tuple[str, ...]:
    """Return the names of all transformers, sorted; loads none of them."""
    return tuple(sorted(_places()))


@functools.cache
def get(name: str) -> type[Transformer]:
    """Return a transformer's class; ConfigError with the nearest name when there is none."""
    places = _places()
    if name not in places:
        raise ConfigError(
            f"there is no transformer `{name}`",
            help=_nearest(name, places) or "see `masker show` for all of them",
            code="unknown-transformer",
            subject=name,
        )
    module, _, attribute = places[name].partition(":")
    made = getattr(importlib.import_module(module), attribute)
    if not (isinstance(made, type) and issubclass(made, Transformer)):
        raise ConfigError(
            f"`{places[name]}` is no Transformer", code="unknown-transformer", subject=name
        )
    return made


def build(name: str, params: Mapping[str, object] | None = None) -> Transformer:
    """Return a transformer with these parameters.

    Raises ConfigError with a finding per problem: an unknown parameter (with the nearest name), a
    wrong type or choice, a missing one, and what the transformer itself finds wrong.
    """
    kind = get(name)
    given = dict(params or {})
    known = {param.name: param for param in kind.params}
    found: list[Finding] = []
    settings: dict[str, object] = {}
    for key, value in given.items():
        if key not in known:
            found.append(_unknown(name, key, known))
        elif problem := problem_of(known[key], value):
            found.append(
                error("bad-parameter", f"`{key}` of `{name}` {problem}", subject=f"{name}.{key}")
            )
        else:
            settings[key] = settled(value)
    found += [
        error(
            "missing-parameter",
            f"`{name}` needs the parameter `{param.name}`: {param.meaning}",
            subject=f"{name}.{param.name}",
        )
        for param in kind.params
        if param.name not in given and is_required(kind, param)
    ]
    if found:
        raise ConfigError.from_findings(found)
    return kind(**settings)


def is_required(kind: type[Transformer], param: Param) -> bool:
    """Tell whether a parameter has no default."""
    return any(
        each.name == param.name
        and each.default is dataclasses.MISSING
        and each.default_factory is dataclasses.MISSING
        for each in dataclasses.fields(kind)
    )


def describe(kind: type[Transformer]) -> Mapping[str, object]:
    """Return what a transformer says of itself, as a JSON object.

    `promises` are those under default parameters, None where a parameter has no default.
    """
    needed = any(is_required(kind, param) for param in kind.params)
    return {
        "name": kind.name,
        "sentence": kind.sentence,
        "scope": kind.scope.value,
        "kinds": sorted(each.value for each in kind.kinds),
        "domain": kind.default_domain,
        "canonical": kind.canonical,
        "params": [
            {
                "name": param.name,
                "type": param.type,
                "default": param.default,
                "required": is_required(kind, param),
                "choices": list(param.choices),
                "meaning": param.meaning,
            }
            for param in kind.params
        ],
        "promises": None if needed else dataclasses.asdict(kind().promises()),
    }


def reference() -> str:
    """Return the reference of all built-in transformers as Markdown, made from what they say."""
    return "\n".join(_section(get(name)) for name in sorted(BUILT_IN))


def _section(kind: type[Transformer]) -> str:
    lines = [
        f"### `{kind.name}`",
        "",
        kind.sentence,
        "",
        f"* takes: {', '.join(sorted(each.value for each in kind.kinds))}",
        f"* scope: {kind.scope.value}; domain: `{kind.default_domain}`",
    ]
    if not any(is_required(kind, param) for param in kind.params):
        lines.append(f"* promises: {_promised(kind)}")
    if kind.params:
        lines += ["", "| parameter | type | default | meaning |", "|---|---|---|---|"]
        lines += [_row(kind, param) for param in kind.params]
    return "\n".join([*lines, ""])


def _promised(kind: type[Transformer]) -> str:
    promises = dataclasses.asdict(kind().promises())
    flags = [
        key.replace("_", " ").replace("never equal", "never equal to its own source value")
        for key, value in promises.items()
        if value is True
    ]
    unique = str(promises["uniqueness"])
    return "; ".join(
        [
            *flags,
            f"uniqueness: {unique}",
            f"chance: {promises['chance']}",
            str(promises["technique"]),
        ]
    )


def _row(kind: type[Transformer], param: Param) -> str:
    default = "required" if is_required(kind, param) else f"`{_plain(param.default)}`"
    choices = f" ({', '.join(f'`{choice}`' for choice in param.choices)})" if param.choices else ""
    return f"| `{param.name}` | {param.type}{choices} | {default} | {param.meaning} |"


def _plain(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _unknown(name: str, key: str, known: Mapping[str, Param]) -> Finding:
    listed = ", ".join(f"`{each}`" for each in known)
    return error(
        "unknown-parameter",
        f"`{name}` has no parameter `{key}`",
        subject=f"{name}.{key}",
        help=_nearest(key, known) or (f"it takes {listed}" if known else "it takes none"),
    )


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else ""

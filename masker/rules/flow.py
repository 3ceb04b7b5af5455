"""Write names, values and rules as YAML flow text, for drafts and for lines to add."""

from __future__ import annotations

import json
import re

from masker.rules.sections import Rule

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SHORT = 0xFFFF  # the largest code that \u takes
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def flow(value: object) -> str:
    """Return a value as YAML that stands on one line and reads back as the same value."""
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else f'"{"".join(map(_escaped, value))}"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return json.dumps(value)


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\u{code:04x}" if code <= _SHORT else f"\\U{code:08x}"


def rule_flow(rule: Rule) -> str:
    """Return a rule as the value of a column: a word, or a mapping when it says more."""
    said = {
        "use": rule.use,
        "with": dict(rule.with_),
        "domain": rule.domain,
        "when": rule.when,
        "locale": rule.locale,
    }
    given = {key: value for key, value in said.items() if value}
    return flow(rule.use) if len(given) == 1 else flow(given)

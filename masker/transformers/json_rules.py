"""What the paths of `json` name: a transformer for each, built and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from masker.errors import ConfigError
from masker.findings import Finding, error
from masker.transformers.base import Transformer
from masker.transformers.json_path import PathError, parse
from masker.transformers.registry import build

KEEP = "keep"
_WORDS = ("use", "with", "domain")
_NEVER = ("json", "recompute")


@dataclass(frozen=True, slots=True)
class Rule:
    """A path and what becomes of its leaves: a transformer, or None to keep them.

    `domain` is the namespace in which equal leaves get equal fakes, None for the transformer's.
    """

    path: str
    transformer: Transformer | None
    domain: str | None = None


def rules_of(paths: Mapping[str, object]) -> tuple[Rule, ...]:
    """Return a rule per path; ConfigError with everything that is wrong."""
    rules: list[Rule] = []
    found: list[Finding] = []
    for path, verdict in paths.items():
        try:
            parse(path)
            rules.append(_rule(path, verdict))
        except PathError as failure:
            found.append(_wrong(path, f"the path `{path}` cannot be read: {failure}"))
        except ConfigError as failure:
            found += _at(path, failure)
    if found:
        raise ConfigError.from_findings(found)
    return tuple(rules)


def _rule(path: str, verdict: object) -> Rule:
    if isinstance(verdict, str):
        verdict = {"use": verdict}
    if not isinstance(verdict, Mapping) or not isinstance(verdict.get("use"), str):
        raise _refusal(
            path,
            f"`{path}` needs a verdict: the name of a transformer, `keep`, or a mapping with `use`",
        )
    for word in verdict:
        if word not in _WORDS:
            raise _refusal(path, f"`{word}` of `{path}` is none of {', '.join(_WORDS)}")
    use, given, domain = verdict["use"], verdict.get("with") or {}, verdict.get("domain")
    if not isinstance(given, Mapping) or not isinstance(domain, str | None):
        raise _refusal(path, f"`with` of `{path}` takes a mapping, `domain` a name")
    if use == KEEP:
        return Rule(path, None)
    if use in _NEVER:
        raise _refusal(path, f"`{use}` does not work inside a document (`{path}`)")
    transformer = build(use, given)
    if transformer.needs():
        raise _refusal(path, f"`{use}` of `{path}` reads another column, which a leaf has not")
    return Rule(path, transformer, domain)


def _at(path: str, failure: ConfigError) -> Iterator[Finding]:
    for each in failure.findings:
        placed = each.message if path in each.message else f"at `{path}`: {each.message}"
        yield _wrong(path, placed, each.help)


def _wrong(path: str, message: str, help: str = "") -> Finding:
    return error("bad-path", message, subject=f"json.paths.{path}", help=help)


def _refusal(path: str, message: str) -> ConfigError:
    return ConfigError.from_findings((_wrong(path, message),))

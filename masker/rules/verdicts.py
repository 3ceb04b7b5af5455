"""From a written rule to a verdict: the transformer is built, or every reason why not is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from masker.errors import ConfigError
from masker.findings import Finding, error
from masker.rules.places import Path, Places, closest
from masker.rules.policy import Ruling, Verdict
from masker.rules.sections import Rule
from masker.transformers import registry
from masker.transformers.base import Transformer

KEEP, REVIEW = "keep", "review"


def check_rule(rule: Rule, places: Places, path: Path) -> Iterator[Finding]:
    """Yield what is wrong with a rule by itself, whatever column it meets."""
    if rule.use in {KEEP, REVIEW}:
        for key, given in (("with", rule.with_), ("domain", rule.domain), ("locale", rule.locale)):
            if given:
                yield error(
                    "bad-parameter",
                    f"`{rule.use}` takes no `{key}`",
                    at=places.key(*path, key),
                    help="leave it out, or name a transformer",
                )
        return
    if rule.use not in registry.names():
        yield error(
            "unknown-transformer",
            f"there is no transformer `{rule.use}`",
            subject=rule.use,
            at=places.value(*path, "use"),
            help=closest(
                rule.use,
                (KEEP, REVIEW, *registry.names()),
                otherwise="see `masker show` for all of them",
            ),
        )
        return
    try:
        registry.build(rule.use, rule.with_)
    except ConfigError as problem:
        for finding in problem.findings:
            name = finding.subject.rpartition(".")[2]
            at = places.key(*path, "with", name) if name in rule.with_ else places.value(*path)
            yield replace(finding, position=at)


def transformer_of(rule: Rule) -> Transformer | None:
    """Return the transformer of a rule that `check_rule` finds nothing wrong with."""
    if rule.use in {KEEP, REVIEW}:
        return None
    return registry.build(rule.use, rule.with_)


def verdict_of(rule: Rule, places: Places, path: Path, *, reason: str) -> Verdict:
    """Return the verdict that a rule gives to the columns it matches."""
    rulings = {KEEP: Ruling.KEEP, REVIEW: Ruling.REVIEW}
    return Verdict(
        ruling=rulings.get(rule.use, Ruling.MASK),
        reason=reason,
        use=rule.use,
        transformer=transformer_of(rule),
        domain=rule.domain,
        locale=rule.locale,
        when=rule.when,
        position=places.value(*path),
    )

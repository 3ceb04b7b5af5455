"""Roots as people write them on the command line: `customers sample 5% where country = 'DE'`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import ValidationError

from masker.errors import ConfigError
from masker.findings import error
from masker.rules.pipeline import Pipeline
from masker.rules.sections import Root, Subset

_HELP = (
    "write TABLE, then any of `sample 5%`, `rows 100`, `newest 100 by created_at`, "
    "`stratify country,plan`, `seed 7`, and last `where CONDITION`"
)
_CLAUSES = {
    "sample": re.compile(r"sample\s+(?P<sample>\S+)", re.IGNORECASE),
    "rows": re.compile(r"rows\s+(?P<rows>\d+)", re.IGNORECASE),
    "newest": re.compile(r"newest\s+(?P<n>\d+)\s+by\s+(?P<by>\S+)", re.IGNORECASE),
    "stratify": re.compile(r"stratify\s+(?P<stratify>\S+)", re.IGNORECASE),
    "seed": re.compile(r"seed\s+(?P<seed>-?\d+)", re.IGNORECASE),
}
_WHERE = re.compile(r"where\s+(?P<where>\S.*)", re.IGNORECASE | re.DOTALL)


def root_of(text: str) -> Root:
    """Read one root; ConfigError when it is not written right. Its condition is never told."""
    table, _, rest = text.strip().partition(" ")
    if not table:
        raise _unreadable(table)
    facts: dict[str, object] = {"table": table}
    rest = rest.strip()
    while rest:
        if found := _WHERE.fullmatch(rest):
            facts["where"] = found["where"]
            break
        name, found = next(
            ((name, hit) for name, form in _CLAUSES.items() if (hit := form.match(rest))),
            ("", None),
        )
        if found is None or name in facts:
            raise _unreadable(table)
        facts[name] = _value(name, found)
        rest = rest[found.end() :].strip()
    try:
        return Root.of_shell(**facts)
    except ValidationError as wrong:
        what = str(wrong.errors()[0]["loc"][0])
        raise _unreadable(table, what) from None


def _value(name: str, found: re.Match[str]) -> object:
    if name == "newest":
        return {"by": found["by"], "n": int(found["n"])}
    if name == "stratify":
        return tuple(found["stratify"].split(","))
    return int(found[name]) if name in {"rows", "seed"} else found[name]


def _unreadable(table: str, what: str = "") -> ConfigError:
    about = f": `{what}` is not written right" if what else ""
    return ConfigError.from_findings(
        [
            error(
                "bad-root",
                f"the root of `{table or 'no table'}` cannot be read{about}",
                subject=table,
                help=_HELP,
            )
        ]
    )


def with_roots(pipeline: Pipeline, roots: Iterable[str]) -> Pipeline:
    """Return the pipeline with these roots in place of its own; as it is when there are none."""
    made = tuple(root_of(text) for text in roots)
    if not made:
        return pipeline
    if pipeline.subset is None:
        return pipeline.model_copy(update={"subset": Subset(roots=made)})
    return pipeline.model_copy(
        update={"subset": pipeline.subset.model_copy(update={"roots": made})}
    )

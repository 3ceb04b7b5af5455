"""Acceptances that can never count: of leaks and other errors, told when the file is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from masker.findings import Finding, error
from masker.rules.places import Places

# Codes that people are tempted to accept and that are errors wherever they come up; of any other
# the plan tells when it meets the error.
ERRORS = frozenset(
    {
        "leak",
        "not-as-masked",
        "row-count",
        "constraint-missing",
        "constraint-invalid",
        "uncovered",
        "review",
        "unfit",
        "wrong-kind",
        "not-unique",
        "key-scope",
        "key-types",
        "contradiction",
        "constraint-columns",
        "partition-key",
        "recompute-without-trigger",
        "unknown-table",
        "unknown-column",
        "ambiguous-table",
        "not-yet",
        "no-select",
        "row-security",
        "same-database",
        "not-owner",
        "no-createdb",
    }
)
_HELP: Mapping[str, str] = {
    "leak": "mask the place where values were found, or say `keep` on the column whose values "
    "they are; see docs/audit.md",
    "uncovered": "give the column a verdict; `keep` is one",
    "review": "give the column a verdict; `keep` is one",
}


def unacceptable(written: object, places: Places) -> Iterator[Finding]:
    """Yield a finding for each accepted id of an error; `written` is a file's plain content."""
    accept = written.get("accept") if isinstance(written, dict) else None
    for number, id in enumerate(accept if isinstance(accept, list) else ()):
        if isinstance(id, str) and id.partition(":")[0] in ERRORS:
            code = id.partition(":")[0]
            yield error(
                "cannot-accept",
                f"`{code}` is an error, and only warnings can be accepted",
                subject=places.written("accept", number) or code,
                at=places.value("accept", number),
                help=_HELP.get(code, "take the line out, and mend what the finding tells"),
            )

"""Check a pipeline: its own file and its packs, without connecting anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from masker.findings import Findings, note
from masker.rules.document import parse, read_text
from masker.rules.environment import Environment, fill
from masker.rules.pipeline import Pipeline, load_pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A pipeline that nothing is wrong with, and what is worth knowing of it."""

    pipeline: Pipeline
    findings: Findings = field(repr=False)


def check_pipeline(path: Path, *, environ: Mapping[str, str]) -> Checked:
    """Return the pipeline and its notes; ConfigError with everything that is wrong.

    A `${VARIABLE}` that is not set is a note here and no error: a check needs no secrets.
    """
    made = load_pipeline(path, environ=environ, lenient=True)
    findings = made.findings
    absent = tuple(_absent(path, environ))
    if absent:
        findings += [
            note(
                "not-set-here",
                f"not set here: {', '.join(f'`{name}`' for name in absent)}",
                help="`masker plan` and `masker run` need them",
            )
        ]
    return Checked(pipeline=made, findings=findings)


def _absent(path: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what the file itself is filled from and that is not there, each once."""
    tree, _ = parse(read_text(path), file=str(path))
    if tree is not None:
        _, unfilled = fill(tree, Environment(environ, path.parent))
        yield from dict.fromkeys(finding.subject for finding in unfilled)

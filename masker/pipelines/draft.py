"""`init`: look at a source's catalog and write a first pipeline for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError
from masker.rules.draft import draft
from masker.rules.pipeline import parse_pipeline
from masker.rules.verdicts import KEEP, REVIEW

_VARIABLE = re.compile(r"^\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}$")
SOURCE_VARIABLE = "SOURCE_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a drafted pipeline holds: how many columns, masked ones, and ones left to a person."""

    path: Path
    columns: int
    masked: int
    review: int
    variable: str


def draft_pipeline(
    source: str,
    path: Path,
    *,
    schemas: Sequence[str] = (),
    force: bool = False,
    environ: Mapping[str, str],
) -> Drafted:
    """Write a pipeline that names every column of a source, from names and types alone.

    `source` is a URL or `${VARIABLE}`; the URL itself is never written, only a variable. No row is
    read. ConfigError when the file is there already and `force` is off.
    """
    if path.exists() and not force:
        raise ConfigError(
            f"`{path}` is there already",
            help="name another file with --out, or write over it with --force",
            code="file-exists",
            subject=str(path),
        )
    named = _VARIABLE.match(source)
    url = _looked_up(named["name"], environ) if named else source
    with Session.open(Address.parse(url), side=Side.SOURCE) as session:
        catalog = read_catalog(session, schemas=schemas or None)
    variable = named["name"] if named else SOURCE_VARIABLE
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", catalog.database)[:48] or "pipeline"
    text = draft(catalog, name=f"{name}-refresh", source=f"${{{variable}}}")
    pipeline = parse_pipeline(text, file=path, environ={}, lenient=True)
    uses = [
        rule.use
        for columns in pipeline.columns.values()
        for rules in columns.values()
        for rule in rules[:1]
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Drafted(
        path=path,
        columns=len(uses),
        masked=sum(use not in {KEEP, REVIEW} for use in uses),
        review=sum(use == REVIEW for use in uses),
        variable=variable,
    )


def _looked_up(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise ConfigError(
            f"the environment variable `{name}` is not set",
            help=f"export {name}=postgresql://reader:password@host:5432/database",
            code="missing-variable",
            subject=name,
        )
    return environ[name]

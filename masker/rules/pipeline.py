"""A pipeline: what is to be done regularly, read from one YAML file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
)

from masker.errors import ConfigError
from masker.findings import Finding, Findings, error
from masker.rules.after import Statements, read_statements
from masker.rules.complaints import complaints, empty_values, written_secrets
from masker.rules.document import Block, parse, read_text, value_of
from masker.rules.environment import Environment, fill
from masker.rules.misfits import misfits
from masker.rules.packs import Pack, load_packs
from masker.rules.places import Path as TreePath
from masker.rules.places import Places
from masker.rules.sections import (
    Audit,
    ColumnRule,
    ColumnRules,
    Count,
    Duration,
    Notice,
    Publish,
    Rule,
    Schedule,
    Section,
    Source,
    Subset,
    TableRules,
    Target,
    Version,
)
from masker.rules.unacceptable import unacceptable
from masker.rules.verdicts import check_rule

_LATER = ("after_publish", "expires")
_ONE_RULE: TypeAdapter[Rule] = TypeAdapter(ColumnRule)


def _country(written: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", written):
        raise ValueError("is not a country of two capital letters, such as `DE` (ISO 3166)")
    return written


def _acceptance(written: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*(:.+)?", written):
        raise ValueError("is not the id of a finding, such as `live-range:customers.phone`")
    return written


def _uncovered(written: object) -> object:
    # Here, and only here, the bare word null can mean nothing else.
    return "null" if written is None else written


class Pipeline(Section):
    """What is read from where, what happens to every column, and where it goes."""

    version: Version
    """The version of this language."""
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")
    """The pipeline's name in plans, manifests and the ledger."""
    source: Source
    target: Target
    key: str | None = Field(default=None, min_length=1, repr=False)
    """The masking key; `MASKER_KEY` when left out, else masking is one-way."""
    rules: tuple[str, ...] = ()
    """Rule packs: shipped ones by name, others by path from this file."""
    locale: str = Field(default="en_US", pattern=r"^[a-z]{2,3}(_[A-Z][A-Za-z]{1,3})?$")
    """The locale of fakes."""
    countries: tuple[Annotated[str, AfterValidator(_country)], ...] = ()
    """Where the people in the data live; the first is assumed for numbers without a country."""
    columns: Mapping[str, Mapping[str, ColumnRules]] = Field(default_factory=dict)
    """Table, then column, then verdict; exact names before globs, then file order."""
    uncovered: Annotated[Literal["fail", "null", "scramble"], BeforeValidator(_uncovered)] = "fail"
    """What happens to a column without a verdict."""
    tables: Mapping[str, TableRules] = Field(default_factory=dict)
    """Tables that are not loaded whole: `empty`, `exclude` or `{where: …}`."""
    subset: Subset | None = None
    audit: Audit = Audit()
    accept: tuple[Annotated[str, AfterValidator(_acceptance)], ...] = ()
    """Ids of warnings that a person accepts, in writing."""
    publish: Publish = Publish()
    after: str | None = None
    """A file of SQL that runs on the new data before it is published."""
    after_publish: str | None = None
    """What runs once the new data is published, such as a pooler's RECONNECT."""
    schedule: Schedule | None = None
    notify: tuple[Notice, ...] = ()
    workers: Count = 1
    """How many processes read and mask."""
    expires: Duration | None = None
    """How long the masked copy may live."""
    tools: str | None = None
    """The folder of pg_dump and pg_restore."""

    _file: Path = PrivateAttr(default=Path("pipeline.yaml"))
    _positions: Places | None = PrivateAttr(default=None)
    _packs: tuple[Pack, ...] = PrivateAttr(default=())
    _statements: Statements | None = PrivateAttr(default=None)
    _findings: Findings = PrivateAttr(default_factory=Findings)

    @property
    def file(self) -> Path:
        """Return the file it was read from; paths in it start at the file's folder."""
        return self._file

    @property
    def positions(self) -> Places:
        """Return where everything stands in the file."""
        if self._positions is None:
            raise ConfigError("this pipeline was not read from a file")
        return self._positions

    @property
    def packs(self) -> tuple[Pack, ...]:
        """Return the rule packs, in the order of `rules`."""
        return self._packs

    @property
    def statements(self) -> Statements | None:
        """Return what the file named by `after` holds."""
        return self._statements

    @property
    def findings(self) -> Findings:
        """Return the accepted warnings and notes of reading the file."""
        return self._findings

    def path(self, written: str) -> Path:
        """Return a path written in the file, relative to the file's folder."""
        return (self.file.parent / written).expanduser()


def load_pipeline(
    path: Path, *, environ: Mapping[str, str], lenient: bool = False, moves: bool = True
) -> Pipeline:
    """Read a pipeline from a file; ConfigError with all findings at once.

    `lenient` leaves a `${…}` that cannot be filled as it is written, for a check without secrets.
    Where nothing `moves` from its source to its target, they need not go together.
    """
    return parse_pipeline(read_text(path), file=path, environ=environ, lenient=lenient, moves=moves)


def parse_pipeline(
    text: str,
    *,
    file: str | Path,
    environ: Mapping[str, str],
    lenient: bool = False,
    moves: bool = True,
) -> Pipeline:
    """Read a pipeline from YAML text; `file` names it in complaints and anchors its paths.

    Where nothing `moves` from its source to its target, they need not go together. Raises
    ConfigError with every finding, unless each of them is an accepted warning or a note.
    """
    path = Path(file)
    tree, found = parse(text, file=str(file))
    if tree is None:
        raise ConfigError.from_findings(found)
    if not isinstance(tree, Block):
        raise ConfigError.from_findings(
            [error("bad-yaml", "a pipeline is a mapping", at=tree.at, help="begin: version: 1")]
        )
    return _validated(tree, path, Environment(environ, path.parent, lenient), found, moves=moves)


def _validated(
    tree: Block,
    path: Path,
    environment: Environment,
    found: tuple[Finding, ...],
    *,
    moves: bool,
) -> Pipeline:
    places = Places(tree)
    filled, unfilled = fill(tree, environment)
    written = value_of(filled)
    found += (*unfilled, *empty_values(tree, places), *written_secrets(tree, places))
    packs, more = load_packs(filled, places, environment)
    found += (*more, *_check_rules(written, places), *unacceptable(written, places))
    found += tuple(misfits(written, places)) if moves else ()
    statements, more = read_statements(written, places, path.parent)
    found += more
    pipeline = None
    try:
        pipeline = Pipeline.model_validate(written)
    except ValidationError as problem:
        found += tuple(complaints(problem, Pipeline, places, found))
    findings = Findings(_in_order(found)).accept(_accepted(written))
    if pipeline is None or findings.blocking:
        # Outside the except: pydantic's own text holds values of the environment.
        raise ConfigError.from_findings(findings)
    pipeline._file = path  # noqa: SLF001 - the constructor of a frozen model takes fields only
    pipeline._positions = places  # noqa: SLF001
    pipeline._packs = packs  # noqa: SLF001
    pipeline._statements = statements  # noqa: SLF001
    pipeline._findings = findings  # noqa: SLF001
    return pipeline


def _accepted(written: object) -> Iterator[str]:
    accept = written.get("accept") if isinstance(written, dict) else None
    if isinstance(accept, list):
        yield from (id for id in accept if isinstance(id, str))


def _in_order(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings file by file, in the order in which the files first come up."""
    files = {each.position.file: n for n, each in enumerate(reversed(found)) if each.position}

    def place(finding: Finding) -> tuple[int, int, int]:
        at = finding.position
        return (-files[at.file], at.line, at.column) if at else (-len(found), 0, 0)

    return tuple(sorted(found, key=place))


def _check_rules(written: object, places: Places) -> Iterator[Finding]:
    """Yield what is wrong with each verdict that is at least a verdict by its form."""
    tables = written.get("columns") if isinstance(written, dict) else None
    for table, columns in tables.items() if isinstance(tables, dict) else ():
        for column, verdict in columns.items() if isinstance(columns, dict) else ():
            for number, rule in enumerate(verdict if isinstance(verdict, list) else [verdict]):
                try:
                    read = _ONE_RULE.validate_python(rule)
                except ValidationError:
                    continue  # told with everything else that is wrong by form
                yield from check_rule(read, places, ("columns", table, column, number))


def not_yet(pipeline: Pipeline) -> Findings:
    """Return a finding for each place that asks for what masker cannot do yet.

    `masker check` reads such pipelines without complaint; `plan` and `run` stop at them.
    """
    return Findings(_in_order(tuple(_sections(pipeline))))


def _sections(pipeline: Pipeline) -> Iterator[Finding]:
    here = pipeline.positions
    for key in _LATER:
        if key in pipeline.model_fields_set:
            yield _later(f"`{key}`", here, (key,))
    if pipeline.audit.fidelity is not None:
        yield _later("`fidelity`", here, ("audit", "fidelity"))


def _later(what: str, places: Places, path: TreePath) -> Finding:
    return error(
        "not-yet",
        f"{what} is not there yet",
        subject=places.words(path),
        at=places.key(*path),
        help="take it out of the file; docs/limits.md lists what is still to come",
    )

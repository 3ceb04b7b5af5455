"""Rule packs: files of rules to share, shipped ones by name, others by path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from masker.catalog import Column, Kind, Table
from masker.detect.entities import Entity
from masker.detect.names import STRONG, Proposal
from masker.errors import ConfigError
from masker.findings import Finding, Findings, Position, error
from masker.rules.complaints import complaints, empty_values
from masker.rules.document import Block, Items, Scalar, Tree, parse, read_text, value_of
from masker.rules.environment import Environment, fill
from masker.rules.patterns import any_column, any_table
from masker.rules.places import Places, closest
from masker.rules.sections import Rule, Section, Version
from masker.rules.verdicts import check_rule

_PACKAGE = Path(__file__).parents[1]


def _listed(written: object) -> object:
    return written if isinstance(written, list) else [written]


def _kind(written: str) -> str:
    if written.removesuffix("[]") not in set(Kind):
        raise ValueError("is not a kind of column such as `text`, `integer` or `text[]`")
    return written


Globs = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
Kinds = Annotated[
    tuple[Annotated[str, AfterValidator(_kind)], ...], BeforeValidator(_listed), Field(min_length=1)
]
Entities = Annotated[tuple[Entity, ...], BeforeValidator(_listed), Field(min_length=1)]


class Match(Section):
    """Which columns a rule of a pack is for: all that is said must hold."""

    table: Globs | None = None
    """Names of tables; exact, or a glob; as they are written or in snake case."""
    column: Globs | None = None
    """Names of columns, likewise."""
    type: Kinds | None = None
    """Kinds of column; `text[]` is an array of text."""
    entity: Entities | None = None
    """What the name and type of the column say it holds; docs/rules.md lists the words."""
    nullable: bool | None = None
    """Whether the column may hold NULL."""

    @property
    def broad(self) -> bool:
        """Tell whether nothing is named but the type: such rules come after all others."""
        return self.table is None and self.column is None and self.entity is None


class PackRule(Rule):
    """A verdict for all columns that match."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    """The rule's name in plans and manifests, unique in its pack."""
    match: Match


class PackFile(Section):
    """A file of rules."""

    version: Version
    """The version of this language."""
    about: str = ""
    """What the pack is for, in a sentence."""
    rules: tuple[PackRule, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was read: its rules in order, and where they stand."""

    name: str
    rules: tuple[PackRule, ...]
    positions: Places


_ONE_RULE: TypeAdapter[PackRule] = TypeAdapter(PackRule)


def fits(
    match: Match,
    table: Table,
    column: Column,
    proposal: Proposal | None,
    *,
    floor: float = STRONG,
) -> bool:
    """Tell whether a rule is for a column; proposals that score below `floor` do not count."""
    if match.entity is not None and (
        proposal is None or proposal.score < floor or proposal.entity not in match.entity
    ):
        return False
    if match.type is not None and _kind_of(column) not in match.type:
        return False
    if match.nullable is not None and match.nullable != column.nullable:
        return False
    if match.table is not None and not any_table(match.table, table.name):
        return False
    return match.column is None or any_column(match.column, column.name)


def _kind_of(column: Column) -> str:
    kind, element = column.type.kind, column.type.element
    return f"{element.kind}[]" if kind is Kind.ARRAY and element is not None else kind


def shelf() -> Path:
    """Return the folder of the shipped packs, in an installed wheel or in a checkout."""
    installed = _PACKAGE / "share" / "rules"
    return installed if installed.is_dir() else _PACKAGE.parent / "rules"


def shipped() -> tuple[str, ...]:
    """Return the names of the shipped packs, sorted."""
    return tuple(sorted(path.stem for path in shelf().glob("*.yaml")))


def load_packs(
    pipeline: Tree, places: Places, environment: Environment
) -> tuple[tuple[Pack, ...], tuple[Finding, ...]]:
    """Read the packs that a pipeline names under `rules`, and all that is wrong with them."""
    packs: list[Pack] = []
    found: list[Finding] = []
    seen: set[str] = set()
    for number, name in _named(pipeline):
        at = places.value("rules", number)
        if name in seen:
            found.append(error("duplicate-pack", f"`{name}` is named twice", at=at))
            continue
        seen.add(name)
        try:
            packs.append(_load(name, at, environment))
        except ConfigError as problem:
            found += problem.findings
    return tuple(packs), tuple(found)


def _named(pipeline: Tree) -> Iterator[tuple[int, str]]:
    for entry in pipeline.entries if isinstance(pipeline, Block) else ():
        if entry.key.text == "rules" and isinstance(entry.value, Items):
            for number, item in enumerate(entry.value.items):
                if isinstance(item, Scalar) and item.kind != "null" and item.text:
                    yield number, item.text


def _load(name: str, at: Position, environment: Environment) -> Pack:
    if "/" in name or "\\" in name or name.endswith((".yaml", ".yml")):
        path = (environment.folder / name).expanduser()
        try:
            text = read_text(path)
        except ConfigError as problem:
            raise ConfigError.from_findings(
                error(each.code, each.message, subject=name, at=at, help=each.help)
                for each in problem.findings
            ) from None
        return read_pack(text, name=name, file=str(path), environment=environment)
    if name not in shipped():
        listed = ", ".join(f"`{each}`" for each in shipped())
        finding = error(
            "unknown-pack",
            f"there is no shipped pack `{name}`",
            subject=name,
            at=at,
            help=closest(
                name, shipped(), otherwise=f"shipped are {listed}; others by path: ./{name}.yaml"
            ),
        )
        raise ConfigError.from_findings([finding])
    return load_shipped(name, environment)


def load_shipped(name: str, environment: Environment) -> Pack:
    """Read a shipped pack."""
    text = read_text(shelf() / f"{name}.yaml")
    return read_pack(text, name=name, file=f"rules/{name}.yaml", environment=environment)


def read_pack(text: str, *, name: str, file: str, environment: Environment) -> Pack:
    """Read a pack from YAML text; ConfigError with all findings at once."""
    tree, found = parse(text, file=file)
    if tree is None:
        raise ConfigError.from_findings(found)
    places = Places(tree)
    filled, unfilled = fill(tree, environment)
    written = value_of(filled)
    found += (*unfilled, *empty_values(tree, places), *_check(written, places))
    try:
        read = PackFile.model_validate(written)
    except ValidationError as problem:
        found += tuple(complaints(problem, PackFile, places, found))
        raise ConfigError.from_findings(found) from None
    if Findings(found).blocking:
        raise ConfigError.from_findings(found)
    return Pack(name, read.rules, places)


def _check(written: object, places: Places) -> Iterator[Finding]:
    rules = written.get("rules") if isinstance(written, dict) else None
    first: dict[str, Position] = {}
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        try:
            read = _ONE_RULE.validate_python(rule)
        except ValidationError:
            continue  # told with everything else that is wrong by form
        path = ("rules", number)
        yield from check_rule(read, places, path)
        at = places.value(*path, "id")
        if read.id in first:
            yield error(
                "duplicate-key",
                f"a second rule has the id `{read.id}`",
                at=at,
                help=f"the first is at {first[read.id]}; ids are unique in a pack",
            )
        first.setdefault(read.id, at)
        if not read.match.model_fields_set:
            yield error(
                "wrong-value",
                f"the rule `{read.id}` matches every column",
                at=places.key(*path, "match"),
                help='say which columns it is for; for every column: {column: "*"}',
            )

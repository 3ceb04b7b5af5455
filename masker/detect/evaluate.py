"""Hold a scan against labels that people wrote: precision, recall, F1 and F2, misses, alarms."""

from __future__ import annotations

import difflib
import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from masker.errors import ConfigError
from masker.findings import Finding, error, note


class Tier(enum.StrEnum):
    """How bad it would be to miss a column; `none`: it is not personal, to find it is an alarm."""

    MUST = "must"
    SHOULD = "should"
    OPTIONAL = "optional"
    NONE = "none"


WANTED = (Tier.MUST, Tier.SHOULD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a person says of a column; `table` with or without its schema."""

    table: str
    column: str
    kind: str
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a scan says of a column; `entity` is empty where it found nothing personal."""

    table: str
    column: str
    entity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of columns, and what follows from them; a share of nothing is None."""

    labelled: int
    found: int
    alarms: int

    @property
    def precision(self) -> float | None:
        """Return the share of alarms that were right."""
        return _share(self.found, self.found + self.alarms)

    @property
    def recall(self) -> float | None:
        """Return the share of personal columns that were found."""
        return _share(self.found, self.labelled)

    def f(self, beta: float) -> float | None:
        """Return the F-measure in which recall counts `beta` times as much as precision."""
        missed = self.labelled - self.found
        weight = beta * beta
        above = (1 + weight) * self.found
        return _share(above, above + weight * missed + self.alarms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How well a scan did; columns are told as `table.column`, with their kind or entity."""

    overall: Score
    tiers: Mapping[Tier, Score]
    entities: Mapping[str, Score]
    misses: tuple[tuple[str, str, Tier], ...]
    alarms: tuple[tuple[str, str], ...]
    renamed: tuple[tuple[str, str, str], ...]  # found, but as another entity
    unlabelled: int
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, object]:
        """Return all of it as a JSON object."""
        return {
            "overall": _figures(self.overall),
            "tiers": {tier: _figures(score) for tier, score in self.tiers.items()},
            "entities": {entity: _figures(score) for entity, score in self.entities.items()},
            "misses": [{"column": c, "kind": k, "tier": t} for c, k, t in self.misses],
            "false_alarms": [{"column": c, "entity": e} for c, e in self.alarms],
            "other_entity": [{"column": c, "kind": k, "entity": e} for c, k, e in self.renamed],
            "unlabelled_columns": self.unlabelled,
            "findings": [finding.as_json() for finding in self.findings],
        }


def read_labels(written: object) -> tuple[Label, ...]:
    """Read labels from parsed JSON: a list of {table, column, kind, tier}; else ConfigError."""
    found: list[Finding] = []
    labels: list[Label] = []
    for number, entry in enumerate(_listed(written, "labels", None), 1):
        label = _label(entry)
        if isinstance(label, Label):
            labels.append(label)
        else:
            found.append(error("bad-labels", f"label {number} {label}", help=_LABEL))
    twice = [each for each, n in Counter((x.table, x.column) for x in labels).items() if n > 1]
    found += [
        error("bad-labels", f"`{table}.{column}` has several labels", help="leave one of them")
        for table, column in twice
    ]
    if found:
        raise ConfigError.from_findings(found)
    return tuple(labels)


_LABEL = 'a label is {"table": "users", "column": "mail", "kind": "EMAIL_ADDRESS", "tier": "must"}'


def _label(entry: object) -> Label | str:
    """Return a label, or what is wrong with what is written."""
    if not isinstance(entry, dict):
        return "is no mapping"
    more = sorted(set(entry) - {"table", "column", "kind", "tier"})
    if more:
        return f"has a key `{more[0]}`, which labels do not have"
    kind = entry.get("kind") or ""
    for key, value in (*((key, entry.get(key)) for key in ("table", "column")), ("kind", kind)):
        if not isinstance(value, str):
            return f"has no text as `{key}`"
    if entry.get("tier") not in set(Tier):
        return f"has a `tier` that is none of {', '.join(Tier)}"
    return Label(table=entry["table"], column=entry["column"], kind=kind, tier=Tier(entry["tier"]))


def read_scan(written: object) -> tuple[Scanned, ...]:
    """Read what `masker scan --json` printed, or its list of columns alone; else ConfigError."""
    scanned = []
    for entry in _listed(written, "scan", "columns"):
        if not isinstance(entry, dict) or not {"table", "column"} <= set(entry):
            raise ConfigError(
                "the scan has a column without `table` and `column`",
                help="masker scan URL --json > scan.json",
                code="bad-scan",
            )
        told = entry.get("finding", "is" if entry.get("entity") else "none")
        entity = str(entry.get("entity") or "") if told != "none" else ""
        scanned.append(
            Scanned(table=str(entry["table"]), column=str(entry["column"]), entity=entity)
        )
    return tuple(scanned)


def _listed(written: object, what: str, key: str | None) -> Sequence[object]:
    if key is not None and isinstance(written, dict):
        written = written.get(key)
    if not isinstance(written, list):
        raise ConfigError(
            f"the file of {what} holds no list",
            help=_LABEL if key is None else "masker scan URL --json > scan.json",
            code="bad-labels" if key is None else "bad-scan",
        )
    return written


def evaluate(labels: Iterable[Label], scanned: Iterable[Scanned]) -> Evaluation:
    """Compare. A column without a label counts as `none`; `optional` ones count nowhere.

    A labelled column that the scan does not have is a finding, and a miss if it was wanted.
    """
    there = {(each.table, each.column): each for each in scanned}
    pairs: dict[tuple[str, str], Label] = {}
    findings: list[Finding] = []
    lost: list[Label] = []
    for label in labels:
        place = _place(label, there)
        if isinstance(place, Finding):
            findings.append(place)
            lost.append(label)
        else:
            pairs[place] = label
    hits = {place: each.entity for place, each in there.items() if each.entity}
    alarms = [
        (".".join(place), entity)
        for place, entity in hits.items()
        if place not in pairs or pairs[place].tier is Tier.NONE
    ]
    wanted = [(place, label) for place, label in pairs.items() if label.tier in WANTED]
    found = [(label, hits[place]) for place, label in wanted if place in hits]
    missed = [label for place, label in wanted if place not in hits]
    missed += [label for label in lost if label.tier in WANTED]
    return Evaluation(
        overall=Score(labelled=len(found) + len(missed), found=len(found), alarms=len(alarms)),
        tiers={
            tier: Score(
                labelled=sum(
                    label.tier is tier for label in (*missed, *(each for each, _ in found))
                ),
                found=sum(label.tier is tier for label, _ in found),
                alarms=0,
            )
            for tier in WANTED
        },
        entities=dict(_by_entity(found, missed, alarms)),
        misses=tuple((f"{x.table}.{x.column}", x.kind, x.tier) for x in missed),
        alarms=tuple(alarms),
        renamed=tuple(
            (f"{label.table}.{label.column}", label.kind, entity)
            for label, entity in found
            if label.kind.upper() != entity
        ),
        unlabelled=len(set(there) - set(pairs)),
        findings=tuple(findings),
    )


def _by_entity(
    found: Sequence[tuple[Label, str]], missed: Sequence[Label], alarms: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, Score]]:
    right = Counter(label.kind.upper() for label, _ in found)
    wrong = Counter(entity for _, entity in alarms)
    absent = Counter(label.kind.upper() for label in missed)
    for entity in sorted({*right, *wrong, *absent}):
        yield (
            entity,
            Score(
                labelled=right[entity] + absent[entity], found=right[entity], alarms=wrong[entity]
            ),
        )


def _place(label: Label, there: Mapping[tuple[str, str], Scanned]) -> tuple[str, str] | Finding:
    """Return the scanned column that a label means, or what is wrong with it."""
    tables = sorted({table for table, _ in there})
    named = [t for t in tables if t == label.table] or [
        t for t in tables if t.rpartition(".")[2] == label.table
    ]
    if len(named) != 1:
        near = difflib.get_close_matches(label.table, [*tables, *(_bare(t) for t in tables)], n=1)
        listed = ", ".join(f"`{table}`" for table in named)
        return note(
            "label-not-scanned",
            f"the labels name the table `{label.table}`, "
            + (f"which may be {listed}" if named else "which the scan does not have"),
            subject=f"{label.table}.{label.column}",
            help="write its schema too" if named else _near(near),
        )
    if (named[0], label.column) in there:
        return named[0], label.column
    columns = sorted(column for table, column in there if table == named[0])
    return note(
        "label-not-scanned",
        f"the labels name the column `{label.column}`, which `{named[0]}` does not have",
        subject=f"{named[0]}.{label.column}",
        help=_near(difflib.get_close_matches(label.column, columns, n=1)),
    )


def _bare(table: str) -> str:
    return table.rpartition(".")[2]


def _near(names: Sequence[str]) -> str:
    return f"did you mean `{names[0]}`?" if names else "was another database scanned?"


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _figures(score: Score) -> dict[str, object]:
    made = {
        "labelled": score.labelled,
        "found": score.found,
        "false_alarms": score.alarms,
        "precision": score.precision,
        "recall": score.recall,
        "f1": score.f(1),
        "f2": score.f(2),
    }
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in made.items()}

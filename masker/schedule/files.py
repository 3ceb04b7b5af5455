"""The pipeline files of a schedule: read, told apart from rule packs, and read again on change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from masker.errors import ConfigError, MaskerError
from masker.findings import Findings, error
from masker.rules.document import Block, Items, parse, read_text
from masker.rules.pipeline import Pipeline, load_pipeline, not_yet

_SUFFIXES = frozenset({".yaml", ".yml"})
_Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Read:
    """One file: its pipeline, or what is wrong with it."""

    path: Path
    pipeline: Pipeline | None
    findings: Findings


class Files:
    """The pipelines of folders and files; what is no pipeline but a rule pack is left alone."""

    def __init__(self, places: Sequence[Path], *, environ: Mapping[str, str]) -> None:
        self._places = tuple(places)
        self._environ = environ
        self._packs: frozenset[Path] = frozenset()
        self._signature: _Signature | None = None

    def changed(self) -> bool:
        """Tell whether a file came, went or changed since they were read."""
        try:
            return self._sign() != self._signature
        except ConfigError:  # a place that cannot be looked into: whoever reads it is told
            return True

    def read(self) -> tuple[Read, ...]:
        """Read every file, sorted by path; two of one name are both wrong.

        ConfigError for a place that is not there or cannot be looked into.
        """
        before = self._sign()
        found = tuple(
            self._read(path) for path in self._paths() if path in self._places or not _is_pack(path)
        )
        read = self._sign() == before
        self._packs = frozenset(
            each.pipeline.path(name)
            for each in found
            if each.pipeline
            for name in each.pipeline.rules
            if "/" in name or Path(name).suffix in _SUFFIXES
        )
        # What changed while it was read is read once more.
        self._signature = self._sign() if read else None
        return tuple(_alone(found))

    def _read(self, path: Path) -> Read:
        try:
            pipeline = load_pipeline(path, environ=self._environ)
        except MaskerError as failure:
            return Read(path, None, failure.findings)
        later = not_yet(pipeline)
        return Read(path, None if later.blocking else pipeline, later or pipeline.findings)

    def _paths(self) -> list[Path]:
        return sorted({path for place in self._places for path in _inside(place)})

    def _sign(self) -> _Signature:
        return tuple(_stamp(path) for path in sorted({*self._paths(), *self._packs}))


def _inside(place: Path) -> set[Path]:
    """Return the file itself, or the files of a folder; ConfigError where that cannot be seen."""
    try:
        if not place.exists():
            raise ConfigError(
                f"there is no file or folder `{place}`",
                help="name the folder of your pipelines, or their files",
                code="unreadable-file",
                subject=str(place),
            )
        if not place.is_dir():
            return {place}
        return {
            path
            for path in place.iterdir()
            if path.suffix in _SUFFIXES and not path.name.startswith(".")
        }
    except OSError as failure:
        raise ConfigError(
            f"`{place}` cannot be looked into: {(failure.strerror or 'unknown').lower()}",
            help="check the path, and the right of this user to list the folder",
            code="unreadable-file",
            subject=str(place),
        ) from None


def _stamp(path: Path) -> tuple[str, int, int, int]:
    try:
        facts = path.stat()  # follows links: a mounted ConfigMap changes by its link
    except OSError:
        return str(path), 0, 0, 0
    return str(path), facts.st_ino, facts.st_mtime_ns, facts.st_size


def _is_pack(path: Path) -> bool:
    """Tell whether a file is a rule pack by its form: `rules` with mappings, and no source."""
    try:
        tree, _ = parse(read_text(path), file=str(path))
    except MaskerError:
        return False
    written = (
        {entry.key.text: entry.value for entry in tree.entries} if isinstance(tree, Block) else {}
    )
    rules = written.get("rules")
    inside = isinstance(rules, Items) and any(isinstance(item, Block) for item in rules.items)
    return inside and not written.keys() & {"source", "target"}


def _alone(found: tuple[Read, ...]) -> Iterator[Read]:
    """Yield what was read; files that share a pipeline's name with another become wrong."""
    names = [each.pipeline.name for each in found if each.pipeline]
    for each in found:
        name = each.pipeline.name if each.pipeline else ""
        if names.count(name) < 2:  # noqa: PLR2004 - its own
            yield each
            continue
        others = [str(o.path) for o in found if o.pipeline and o.pipeline.name == name]
        told = error(
            "same-name",
            f"the pipeline `{name}` stands in {' and '.join(f'`{other}`' for other in others)}, "
            "so none of them runs",
            subject=name,
            help="ledger, metrics and notices go by the name: give each file one of its own",
        )
        yield Read(each.path, None, Findings((told,)))

"""Load a snapshot into a target: what was sealed, beside the old data, then in its place."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from masker.audit.integrity import check_constraints
from masker.catalog import TableName
from masker.engines.crossing import Departure, crosses
from masker.engines.ddl import Ddl, ddl_of
from masker.engines.engine import Loaded as Database
from masker.engines.registry import engine_named, engine_of
from masker.errors import ConfigError, DataError
from masker.evidence import Evidence, RunKey
from masker.findings import Finding, Findings, error, note
from masker.keys import Keyring
from masker.ledger import LOAD
from masker.load.guard import ALLOWABLE
from masker.load.settings import TargetSettings
from masker.load.target import Swap
from masker.load.targets import hold
from masker.pipelines.planning import refuse
from masker.pipelines.record import RECORDS, Record, Run
from masker.pipelines.source_url import url_of
from masker.pipelines.stored_plan import counted_at, plan_of
from masker.pipelines.watch import Nobody, Watch
from masker.plan.model import Plan
from masker.runners.lane import Journey
from masker.runners.local import run_here, run_workers
from masker.snapshots.contents import DDL, Contents
from masker.snapshots.crossing import CrossedReader, crossed, crossed_reader
from masker.snapshots.places import Place
from masker.snapshots.reading import FolderReader, reader_of, sealed_bytes
from masker.snapshots.seal import read_contents

_NAME = "load"  # of its runs in manifests and the ledger


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A loaded target: the run, and whence and when its data came."""

    run: Run = field(repr=False)
    path: str
    snapshot: str  # the run that made the snapshot
    made: str

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object, with the manifest of its run."""
        return {
            "path": self.path,
            "snapshot": self.snapshot,
            "made": self.made,
            "manifest_file": str(self.run.manifest_path),
            "manifest": self.run.manifest,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cargo:
    """What is loaded: a snapshot as the target's engine has it, and what reads its rows."""

    contents: Contents
    ddl: Ddl
    reader: FolderReader | CrossedReader


def load_snapshot(
    folder: str | Path,
    target: str,
    *,
    allow: Sequence[str] = (),
    template: str | None = None,
    seal: str | None = None,
    workers: int = 1,
    terminate: bool = True,
    keep_previous: bool = True,
    accept: Sequence[str] = (),
    records: str | Path = RECORDS,
    keys: Keyring | None = None,
    watch: Watch | None = None,
    warn: Callable[[Findings], None] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Loaded:
    """Load a sealed folder into a target, and return the record of the run.

    The target is of the engine that the snapshot came from, or a SQLite file.
    `folder` is what `snapshot` wrote, or its URL; `target` a URL or `${VARIABLE}`. `allow` names
    refusals of the guard that a person lifts, `template` an empty template database, `seal` the
    SHA-256 that the snapshot must have. Every file is checked before the target is looked at, and
    `warn` is called with what seal and key leave unproved: with a key at hand that stops the load,
    unless `accept` names it. The target's users see the old data, whole, until constraints and row
    counts hold. Raises ConfigError, UnsafeError, DataError or TryAgainError.
    """
    environ = os.environ if environ is None else environ
    url = url_of(target, environ)
    engine = engine_of(url)
    settings = TargetSettings(
        engine=engine.name,
        address=engine.address(url),
        allow=frozenset(allow),
        template=template,
        terminate=terminate,
        keep_previous=keep_previous,
        workers=max(2, workers),
    )
    kept = keys or Keyring.from_environment(environ)
    record = Record.named(
        _NAME,
        kind=LOAD,
        target=str(settings.address),
        keys=kept or Keyring.ephemeral(),
        accept=accept,
        folder=Path(records),
    )
    with record:
        watched = record.watching(watch or Nobody())
        watched.phase("verify")
        place = Place.of(folder)
        with place.fetched() as path:
            contents, found = read_contents(path, keys=kept, seal=seal)
            refuse(record.note(found))
            if found and warn is not None:
                warn(found.accept(accept))
            record.note(Findings((_audited_before(contents),)))
            _check_engine(contents, settings)
            cargo = _cargo(path, contents, settings, record)
            _road(cargo, settings, record, watched, workers=workers)
    return Loaded(run=record.run, path=str(place), snapshot=contents.run, made=contents.made)


def _cargo(path: Path, contents: Contents, settings: TargetSettings, record: Record) -> _Cargo:
    ddl, reader = _definition(path, contents), reader_of(path, contents)
    if contents.engine == settings.engine or not isinstance(ddl, Departure):
        return _Cargo(contents=contents, ddl=ddl, reader=reader)
    there, made = crossed(contents, ddl, target=settings.engine)
    record.note(made.findings)
    return _Cargo(contents=there, ddl=made.ddl, reader=crossed_reader(reader, there, made))


def _road(
    cargo: _Cargo, settings: TargetSettings, record: Record, watch: Watch, *, workers: int
) -> None:
    watch.phase("plan")
    contents, ddl = cargo.contents, cargo.ddl
    plan = plan_of(contents, target=str(settings.address), keys=record.keys)
    with hold(settings) as target:
        refuse(
            record.note(_told(target.refusals(ddl)))
            + record.plan(plan)
            + target.obstacles(plan, run=record.id, source=ddl)
        )
        record.settle(target.marker())
        record.note(target.drop_orphans())
        watch.planned(plan)
        with target.swap(plan, run=record.id) as swap:
            watch.phase("schema")
            refuse(record.note(swap.prepare(ddl, schemas=())))
            watch.phase("load")
            evidence = _moved(plan, cargo.reader, swap, record, watch, workers)
            record.moved(evidence)
            refuse(record.note(swap.finish(watch.phase)))
            watch.phase("check")
            with swap.loaded() as database:
                _prove(plan, contents, evidence, database)
            watch.phase("publish")
            try:
                record.note(swap.publish(ledger=record.seal()))
            finally:
                if swap.published:
                    record.published()


def _definition(path: Path, contents: Contents) -> Ddl:
    file = next((each for each in contents.files if each.path == DDL), None)
    if file is None:
        raise ConfigError(
            "the snapshot holds no definition of a database",
            help="make it again",
            code="no-snapshot",
        )
    return ddl_of(json.loads(sealed_bytes(path, file)), engine=contents.engine)


def _check_engine(contents: Contents, settings: TargetSettings) -> None:
    if contents.engine == settings.engine or crosses(contents.engine, settings.engine):
        return
    source, target = engine_named(contents.engine).title, engine_named(settings.engine).title
    raise ConfigError(
        f"the snapshot is of {source}, and the target is {target}",
        help=f"name a target of {source}; docs/limits.md says what is still to come",
        code="other-engine",
        subject=settings.database,
    )


def _told(refusals: Findings) -> Findings:
    """Return what the guard says with the help of this command: there is no pipeline to edit."""
    return Findings(
        tuple(
            replace(each, help=f"check the target; if it is right, call with --allow {each.code}")
            if each.code in ALLOWABLE
            else each
            for each in refusals
        )
    )


def _audited_before(contents: Contents) -> Finding:
    return note(
        "audited-before",
        f"the search for leaks was that of the snapshot, run `{contents.run}`; here hashes, rows "
        "and constraints are checked",
        subject=contents.run,
    )


def _moved(
    plan: Plan,
    reader: FolderReader | CrossedReader,
    swap: Swap,
    record: Record,
    watch: Watch,
    workers: int,
) -> Evidence:
    most = engine_named(plan.catalog.engine).lanes
    lanes = workers if most is None else min(workers, most)
    with RunKey.random() as run_key:
        journey = Journey(
            plan=plan,
            keys=record.keys.export(),
            run_key=run_key.export(),
            reader=reader,
            writer=swap.writer,
        )
        if lanes == 1:
            return run_here(journey, reader.parts(), progress=watch.moved)
        return run_workers(journey, reader.parts(), workers=lanes, progress=watch.moved)


def _prove(plan: Plan, contents: Contents, evidence: Evidence, database: Database) -> None:
    """Raise DataError where a row is missing or a constraint does not hold."""
    catalog = database.catalog()
    found = [
        *check_constraints(database, plan, catalog),
        *_check_rows(contents, evidence, _counts(contents, database)),
    ]
    if found:
        raise DataError.from_findings(
            Findings(tuple(found)), "the target is not what was sealed; nothing is published"
        )


def _counts(contents: Contents, database: Database) -> dict[TableName, int]:
    """Count the rows of all tables, those of partitions at their root."""
    found: dict[TableName, int] = {}
    for table in contents.catalog.tables:
        if table.holds_rows and not table.extension and table.name not in contents.excluded:
            name = counted_at(contents, table.name)
            found[name] = found.get(name, 0) + database.count(table.name)
    return found


def _check_rows(
    contents: Contents, evidence: Evidence, counts: Mapping[TableName, int]
) -> Iterator[Finding]:
    sealed = dict(contents.rows)
    for table in sorted({*sealed, *counts, *evidence.rows}):
        wanted, here = sealed.get(table, 0), counts.get(table, 0)
        if here != wanted or evidence.rows.get(table, 0) != wanted:
            yield error(
                "row-count",
                f"`{table}` holds {here} rows in the target, and {wanted} were sealed",
                subject=str(table),
                help="does a trigger, a rule or another session write there? it was not published",
            )

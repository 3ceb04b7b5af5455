"""One snapshot, from a source to a sealed folder: masked, audited, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from masker.audit import Audit, audit
from masker.catalog import TableName
from masker.engines.ddl import Ddl, is_scripted, read_ddl
from masker.engines.registry import engine_of
from masker.errors import ConfigError
from masker.evidence import Evidence, RunKey
from masker.findings import Finding, Findings, note
from masker.keys import Keyring
from masker.ledger import SNAPSHOT
from masker.ledger.manifest import column_facts, versions
from masker.pipelines.moving import moved, surveyed
from masker.pipelines.planning import Planned, key_of, planned, refuse
from masker.pipelines.record import RECORDS, Record, Run
from masker.pipelines.source_only import opened_to_read
from masker.pipelines.watch import Nobody, Watch
from masker.pipelines.without_file import drafted, with_packs
from masker.plan.model import Plan
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Treatment
from masker.rules.root_text import with_roots
from masker.rules.sampled import SMALL, share_of, uncounted, with_sample
from masker.snapshots.contents import AFTER, BEFORE, DDL, Contents, StoredTable, stored_tables
from masker.snapshots.folder import Folder
from masker.snapshots.formats import FORMATS, PARQUET, SQL
from masker.snapshots.loaded import FolderLoaded
from masker.snapshots.places import Place
from masker.snapshots.reading import reader_of
from masker.snapshots.writing import FolderWriter


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A sealed snapshot.

    `path` is the folder, or the URL without user, password and query; `seal` the SHA-256 of its
    manifest, `size` the bytes of its files, `scrambled` the columns on which nobody has decided.
    """

    run: Run = field(repr=False)
    path: str
    seal: str
    size: int
    format: str
    scrambled: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the snapshot as a JSON object, with the manifest of its run."""
        return {
            "path": self.path,
            "seal": self.seal,
            "bytes": self.size,
            "format": self.format,
            "scrambled": list(self.scrambled),
            "manifest_file": str(self.run.manifest_path),
            "manifest": self.run.manifest,
        }


def snapshot(
    source: str | Path | Pipeline,
    out: str | Path,
    *,
    roots: Sequence[str] = (),
    sample: str | None = None,
    rules: Sequence[str] = (),
    schemas: Sequence[str] = (),
    countries: Sequence[str] = (),
    accept: Sequence[str] = (),
    format: str = PARQUET,
    records: str | Path = RECORDS,
    workers: int | None = None,
    keys: Keyring | None = None,
    watch: Watch | None = None,
    environ: Mapping[str, str] | None = None,
) -> Snapshot:
    """Write a sealed folder of masked data and return what it is.

    `source` is a pipeline (its target is not touched), or a database's URL or `${VARIABLE}`: then
    `rules` names packs, and without any the source is looked at and what is left to a person is
    scrambled. `out` is a folder that is not there yet, or a URL such as s3://bucket/name. `roots`
    (`customers where id = 42`) and `sample` (`1%`) choose rows; `accept` names warnings by id.
    Raises ConfigError, UnsafeError, LeakError, DataError or TryAgainError; then nothing is left.
    """
    environ = os.environ if environ is None else environ
    watch = watch or Nobody()
    place = Place.of(out)
    made, found, undecided = _pipeline_of(
        source, rules=rules, schemas=schemas, countries=countries, environ=environ, watch=watch
    )
    _check_format(made, format)
    made = _chosen(made, roots=roots, sample=sample)
    made = made.model_copy(
        update={"accept": (*made.accept, *accept), "workers": workers or made.workers}
    )
    record = Record.named(
        made.name,
        kind=SNAPSHOT,
        target=str(place),
        findings=made.findings + found,
        accept=made.accept,
        keys=keys or key_of(made, environ),
        folder=Path(records),
    )
    with record:
        watched = record.watching(watch)
        sealed = _road(made, place, record, watched, format=format, undecided=undecided)
    return replace(sealed, run=record.run)


def _check_format(pipeline: Pipeline, format: str) -> None:
    engine = engine_of(pipeline.source.url)
    known = [each for each in FORMATS if each != SQL or is_scripted(engine.name)]
    if format not in known:
        raise ConfigError(
            f"`{format}` is no format of a snapshot of {engine.title}",
            help=f"one of {', '.join(f'`{each}`' for each in known)}",
            code="bad-format",
            subject=format,
        )


def _pipeline_of(
    source: str | Path | Pipeline,
    *,
    rules: Sequence[str],
    schemas: Sequence[str],
    countries: Sequence[str],
    environ: Mapping[str, str],
    watch: Watch,
) -> tuple[Pipeline, Findings, tuple[str, ...]]:
    if not is_database(source):
        given = [name for name, value in (("rules", rules), ("schema", schemas)) if value]
        if given:
            raise ConfigError(
                f"a pipeline has its own {' and '.join(given)}",
                help="leave out --rules and --schema, or name a database's URL",
                code="usage",
            )
        return opened_to_read(source, environ), Findings(), ()
    url = str(source)
    if rules:
        return with_packs(url, rules, schemas=schemas, environ=environ), Findings(), ()
    watch.phase("scan")
    made = drafted(url, schemas=schemas, countries=countries, environ=environ)
    return made.pipeline, made.findings, made.undecided


def is_database(source: str | Path | Pipeline) -> bool:
    """Tell whether a database is named, by URL or by a variable, and not a pipeline."""
    return isinstance(source, str) and ("://" in source or source.startswith("${"))


def _chosen(pipeline: Pipeline, *, roots: Sequence[str], sample: str | None) -> Pipeline:
    made = with_roots(pipeline, roots)
    if sample is None:
        return made
    part = share_of(sample)
    engine = engine_of(made.source.url)
    with engine.open_source(engine.address(made.source.url)) as source:
        catalog = source.catalog(schemas=made.source.schemas or None)
        asked, encoding = uncounted(made, catalog), made.source.encoding
        small: frozenset[TableName] = frozenset()
        # What may not be read stops the plan, which tells all of it.
        if asked and not source.missing_rights(catalog, tables=asked, encoding=encoding):
            rows = source.rows(catalog, max_duration=None, encoding=encoding)
            small = frozenset(name for name in asked if rows.count(name, most=SMALL) <= SMALL)
    return with_sample(made, part, catalog, small=small)


def _road(
    pipeline: Pipeline,
    place: Place,
    record: Record,
    watch: Watch,
    *,
    format: str,
    undecided: tuple[str, ...],
) -> Snapshot:
    watch.phase("plan")
    with (
        place.begin(run=record.id) as folder,
        planned(pipeline, keys=record.keys, target=str(place)) as made,
        RunKey.random() as run_key,
    ):
        ready = replace(made, plan=replace(made.plan, mode="snapshot"))
        record.note(folder.findings + tuple(_left_out(pipeline)))
        refuse(record.plan(ready.plan))
        watch.planned(ready.plan)
        watch.phase("schema")
        ddl = _definition(ready, folder)
        refuse(record.note(ddl.findings))
        known = surveyed(ready, run_key=run_key, watch=watch)
        watch.phase("load")
        evidence = moved(
            ready, _writer(ready.plan, folder, format), known, run_key=run_key, watch=watch
        )
        record.moved(evidence)
        watch.phase("audit")
        contents = _contents(ready.plan, record, folder, evidence, format=format)
        record.proved(_audited(ready.plan, evidence, folder, contents, ddl, run_key))
        watch.phase("seal")
        contents = _with_facts(contents, record.run, undecided)
        seal = folder.seal(contents, keys=record.keys)
        try:
            record.seal()
            folder.publish()
        finally:
            if folder.sealed:
                record.published()
        return Snapshot(
            run=record.run,
            path=str(place),
            seal=seal,
            size=contents.size,
            format=format,
            scrambled=undecided,
        )


def _left_out(pipeline: Pipeline) -> Iterator[Finding]:
    if pipeline.statements is not None:
        yield note(
            "after-left-out",
            f"the statements of `{pipeline.statements.file}` are not part of a snapshot",
            subject=pipeline.statements.file,
            help="run them on each target after `masker load`",
        )


def _definition(ready: Planned, folder: Folder) -> Ddl:
    plan, pipeline = ready.plan, ready.pipeline
    ddl = read_ddl(
        ready.source,
        engine=plan.catalog.engine,
        schemas=pipeline.source.schemas,
        exclude=_excluded(plan),
        tools=pipeline.path(pipeline.tools) if pipeline.tools else None,
    )
    before, after = ddl.scripts(plan.sequences)
    facts = json.dumps(ddl.as_facts(), indent=1, ensure_ascii=False)
    folder.write({DDL: facts, BEFORE: before, AFTER: after})
    return ddl


def _writer(plan: Plan, folder: Folder, format: str) -> FolderWriter:
    return FolderWriter(
        data=folder.data,
        engine=plan.catalog.engine,
        format=format,
        columns={
            step.into: tuple(column.column for column in step.moved)
            for step in plan.steps
            if step.treatment is Treatment.LOAD
        },
    )


def _contents(
    plan: Plan, record: Record, folder: Folder, evidence: Evidence, *, format: str
) -> Contents:
    tables: tuple[StoredTable, ...] = folder.files_of(stored_tables(plan), format=format)
    return Contents(
        run=record.id,
        pipeline=plan.pipeline,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        engine=plan.catalog.engine,
        format=format,
        catalog=plan.catalog,
        tables=tables,
        rows=tuple(sorted(evidence.rows.items())),
        excluded=_excluded(plan),
        sequences=plan.sequences,
        files=folder.stored(),
    )


def _audited(
    plan: Plan,
    evidence: Evidence,
    folder: Folder,
    contents: Contents,
    ddl: Ddl,
    run_key: RunKey,
) -> Audit:
    reader = reader_of(folder.path, contents)

    def files() -> FolderLoaded:
        return FolderLoaded(reader, contents, ddl)

    return audit(plan, evidence, target=files, run_key=run_key)


def _with_facts(contents: Contents, run: Run, undecided: tuple[str, ...]) -> Contents:
    """Add what people want to know of a snapshot that they were given; never a value."""
    plan = run.plan
    facts = {
        "versions": versions(),
        "key": plan.key_id if plan else None,
        "result": "one-way, key destroyed" if plan and plan.one_way else "pseudonymised",
        "fingerprint": plan.fingerprint if plan else "",
        "columns": column_facts(plan, run.columns) if plan else [],
        "scrambled": list(undecided),
        "audit": run.audit.as_json() if run.audit else None,
    }
    return replace(contents, facts=facts)


def _excluded(plan: Plan) -> tuple[TableName, ...]:
    return tuple(step.table for step in plan.steps if step.treatment is Treatment.EXCLUDE)

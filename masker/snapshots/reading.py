"""Where lanes read when the source is a snapshot: files whose bytes are those that were sealed."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import polars as pl

from masker.catalog import Column, TableName
from masker.engines.ddl import rows_around
from masker.engines.engine import Block, Codec
from masker.engines.part import Part
from masker.errors import ConfigError, DataError, MaskerError, TryAgainError, UnsafeError
from masker.snapshots import forms
from masker.snapshots.contents import Contents, StoredFile
from masker.snapshots.formats import CSV, SQL, from_csv, from_parquet

_LEAST_ROWS = 1024
# What is there in its place is nothing, a folder, or a link that leads nowhere.
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP})


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReader:
    """The sealed folder, for whoever reads from it, in whichever process.

    A part is one file of its table, by its number. `into` are the tables that rows are loaded into.
    """

    folder: Path
    engine: str
    format: str
    files: Mapping[TableName, tuple[StoredFile, ...]]
    columns: Mapping[TableName, tuple[Column, ...]]
    into: Mapping[TableName, TableName]

    def open(self) -> FolderOutlet:
        """Open an outlet."""
        return FolderOutlet(self)

    def parts(self) -> list[Part]:
        """Return every file of every table, the largest first."""
        found = [
            (file.bytes, Part(table=table, low=number, high=number + 1))
            for table, files in self.files.items()
            for number, file in enumerate(files)
        ]
        return [part for _, part in sorted(found, key=lambda each: -each[0])]


class FolderOutlet:
    """Reads files of tables as blocks of the engine that they came from."""

    def __init__(self, reader: FolderReader) -> None:
        self._reader = reader
        self._cancelled = False

    def read(
        self, part: Part, codec: Codec, *, batch_bytes: int, max_duration: float | None = None
    ) -> Iterator[Block]:
        """Yield the rows of a part; UnsafeError when a file is not the one that was sealed."""
        del max_duration  # nobody waits for a folder
        files = self._reader.files[part.table]
        for file in files[part.low or 0 : part.high]:
            raw = sealed_bytes(self._reader.folder, file)
            yield from self._blocks(part.table, raw, codec, batch_bytes)

    def _blocks(
        self, table: TableName, raw: bytes, codec: Codec, batch_bytes: int
    ) -> Iterator[Block]:
        if self._reader.format == SQL:
            for block in self._script(table, raw, batch_bytes):
                if self._cancelled:
                    return
                yield block
            return
        names = self._names(table)
        frame, objects = (
            (from_csv(raw, names), False) if self._reader.format == CSV else from_parquet(raw)
        )
        if set(frame.columns) != set(names):
            raise _other_columns(table)
        if names:
            frame = frame.select(names)
        rows = max(_LEAST_ROWS, batch_bytes * frame.height // max(1, int(frame.estimated_size())))
        for start in range(0, frame.height, rows):
            if self._cancelled:
                return
            yield _rendered(frame.slice(start, rows), codec, objects=objects)

    def _names(self, table: TableName) -> list[str]:
        return [column.name for column in self._reader.columns[table]]

    def _script(self, table: TableName, raw: bytes, batch_bytes: int) -> Iterator[bytes]:
        into = self._reader.into[table]
        head, tail = rows_around(self._reader.engine, into, self._names(table))
        if not raw.startswith(head) or not raw.endswith(tail):
            raise _other_columns(table)
        return _cut(raw, len(head), len(raw) - len(tail), batch_bytes=batch_bytes)

    def cancel(self) -> None:
        """Read no further block."""
        self._cancelled = True

    def close(self) -> None:
        """Close nothing: a file is closed when it is read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def reader_of(folder: Path, contents: Contents) -> FolderReader:
    """Return what reads the files of a snapshot."""
    known = {file.path: file for file in contents.files}
    return FolderReader(
        folder=folder,
        engine=contents.engine,
        format=contents.format,
        files={each.table: tuple(known[path] for path in each.files) for each in contents.tables},
        columns={each.table: contents.columns(each.table) for each in contents.tables},
        into={each.table: each.into for each in contents.tables},
    )


def sealed_bytes(folder: Path, file: StoredFile) -> bytes:
    """Return a file's bytes; UnsafeError when they are not those that were sealed.

    Raises ConfigError where this user may not read it, TryAgainError where the disk fails.
    """
    try:
        raw = (folder / file.path).read_bytes()
    except OSError as failure:
        raise unread(failure, file.path) from None
    if len(raw) != file.bytes or hashlib.sha256(raw).hexdigest() != file.sha256:
        raise changed(f"`{file.path}` is not the file that was sealed", file.path)
    return raw


def unread(failure: OSError, subject: str) -> MaskerError:
    """Return why a file or folder of a snapshot was not read: tampering only where it is gone."""
    if isinstance(failure, PermissionError):
        return ConfigError(
            f"`{subject}` of the snapshot may not be read by this user",
            help="grant the right to the whole folder; a snapshot is private to whoever made it",
            code="snapshot-unreadable",
            subject=subject,
        )
    if failure.errno in _GONE:
        return changed(f"`{subject}` is missing", subject)
    return TryAgainError(
        f"`{subject}` of the snapshot cannot be read: {(failure.strerror or 'unknown').lower()}",
        help="does its disk or its share answer? nothing was loaded",
        code="snapshot-unreadable",
        subject=subject,
    )


def changed(what: str, subject: str) -> UnsafeError:
    """Return the refusal of a folder that is no longer what was sealed."""
    return UnsafeError(
        f"the snapshot was changed since it was sealed: {what}",
        help="take it from where it was made once more, or make it again; nothing was loaded",
        code="snapshot-changed",
        subject=subject,
    )


def _rendered(frame: pl.DataFrame, codec: Codec, *, objects: bool) -> Block:
    if objects:
        columns = {
            values.name: pl.Series(values.name, forms.objects(values), dtype=pl.Object)
            for values in frame
        }
        return codec.render(pl.DataFrame(columns), plain=())
    return codec.render(
        frame.with_columns(forms.plain(values) for values in frame), plain=frame.columns
    )


def _other_columns(table: TableName) -> DataError:
    return DataError(
        f"a file of `{table}` does not have the columns that the manifest names",
        help="make the snapshot again in the format `parquet`; nothing was loaded",
        code="snapshot-columns",
        subject=str(table),
    )


def _cut(raw: bytes, start: int, end: int, *, batch_bytes: int) -> Iterator[bytes]:
    while start < end:
        stop = raw.find(b"\n", min(start + batch_bytes, end - 1), end) + 1
        yield raw[start:stop]
        start = stop

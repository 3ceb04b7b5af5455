"""Where lanes write when the target is a snapshot: files of masked rows, one table to a folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import polars as pl

from masker.catalog import Column, TableName
from masker.engines.ddl import rows_around
from masker.engines.engine import Block, Codec, Write
from masker.engines.registry import engine_named
from masker.errors import MaskerError, TryAgainError
from masker.snapshots import forms
from masker.snapshots.contents import folder_of
from masker.snapshots.formats import CSV, PARQUET, SQL, to_csv, to_parquet, to_parquet_of_objects

# Of plain values in one file. A file is read whole; CSV is taken apart value by value.
FILE_BYTES = {PARQUET: 64 << 20, CSV: 8 << 20, SQL: 64 << 20}
MODE = 0o600
_ENDING = {PARQUET: "parquet", CSV: "csv", SQL: "sql"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderWriter:
    """The folder of the tables, for whoever writes to it, in whichever process.

    `columns` are those that are stored, by the table that is loaded.
    """

    data: Path
    engine: str
    format: str
    columns: Mapping[TableName, tuple[Column, ...]]
    file_bytes: int | None = None  # `FILE_BYTES` of the format

    @property
    def limit(self) -> int:
        """Return the bytes of plain values after which a file ends."""
        return self.file_bytes or FILE_BYTES[self.format]

    def open(self) -> FolderInlet:
        """Open an inlet; its files bear a name that no other inlet's have."""
        return FolderInlet(self)


class FolderInlet:
    """Writes rows of tables into files."""

    def __init__(self, writer: FolderWriter) -> None:
        self._writer = writer
        self._name = secrets.token_hex(4)
        self._number = 0

    @contextmanager
    def load(self, table: TableName, columns: Sequence[str]) -> Iterator[Write]:
        """Write rows of these columns; what was written when it fails is thrown away by the run."""
        kinds = {column.name: column for column in self._writer.columns[table]}
        stored = [kinds[name] for name in columns]
        folder, engine = self._writer.data / folder_of(table), self._writer.engine
        with writing(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._writer.format == SQL:
                with ExitStack() as files:
                    yield self._scripts(folder, files, rows_around(engine, table, columns))
                return
            codec = engine_named(engine).codec(stored, passed_on=True)
            rows = _Rows(stored, codec, text=self._writer.format == CSV)

            def write(block: Block) -> int:
                size = rows.add(block)
                if rows.size >= self._writer.limit:
                    self._flush(folder, rows)
                return size

            yield write
            if rows.height or not any(folder.iterdir()):
                self._flush(folder, rows)

    def _scripts(self, folder: Path, files: ExitStack, around: tuple[bytes, bytes]) -> Write:
        """Return what writes blocks into one script after another, each begun and ended."""
        head, tail = around
        room = 0
        script: IO[bytes] | None = None

        def write(block: bytes) -> int:
            nonlocal room, script
            if script is None or room <= 0:
                files.close()
                script = files.enter_context(self._create(folder))
                files.callback(script.write, tail)
                script.write(head)
                room = self._writer.limit
            script.write(block)
            room -= len(block)
            return len(block)

        write(b"")  # a table without rows has a script, too
        return write

    def _flush(self, folder: Path, rows: _Rows) -> None:
        frame = rows.take()
        with self._create(folder) as file:
            if rows.opaque:
                file.write(to_parquet_of_objects(frame))
            elif self._writer.format == CSV:
                file.write(to_csv(frame))
            else:
                file.write(to_parquet(frame, rows.columns))

    @contextmanager
    def _create(self, folder: Path) -> Iterator[IO[bytes]]:
        self._number += 1
        ending = _ENDING[self._writer.format]
        path = folder / f"{self._number:05d}-{self._name}.{ending}"
        with create(path) as file:
            yield file

    def close(self) -> None:
        """Close nothing: every file is closed when it is written."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Rows:
    """Rows that wait for their file: frames of plain Strings, or Python values column by column."""

    def __init__(self, columns: Sequence[Column], codec: Codec, *, text: bool) -> None:
        self.columns = columns
        self._text = text
        self.opaque = False
        self.size = 0
        self.height = 0
        self._codec = codec
        self._frames: list[pl.DataFrame] = []
        self._values: dict[str, list[Any]] = {column.name: [] for column in columns}

    def add(self, block: Block) -> int:
        """Take a block and return its size in bytes, as values are counted."""
        frame, decode = self._codec.parse(block)
        self.height += frame.height
        if not self._text and any(values.dtype == pl.Object for values in frame):
            self.opaque = True
            size = 0
            for values in frame:
                cells = values.to_list()
                self._values[values.name] += cells
                size += sum(len(cell) if isinstance(cell, str | bytes) else 8 for cell in cells)
        else:
            if decode is not None:
                frame = frame.with_columns(decode(values) for values in frame)
            self._frames.append(frame)
            size = int(frame.estimated_size())
        self.size += size
        return size

    def take(self) -> pl.DataFrame:
        """Return all rows, ready to be written, and begin anew."""
        if self.opaque:
            made = pl.DataFrame(
                [forms.of_objects(name, values) for name, values in self._values.items()]
            )
        elif not self.columns:
            made = pl.DataFrame(height=self.height)
        elif self._frames:
            made = pl.concat(self._frames)
        else:
            made = pl.DataFrame(schema={column.name: pl.String for column in self.columns})
        self._frames, self.size, self.height = [], 0, 0
        self._values = {column.name: [] for column in self.columns}
        return made


@contextmanager
def create(path: Path) -> Iterator[IO[bytes]]:
    """Create a private file; it is on disk when the block ends."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Tell a disk that takes nothing more as what it is."""
    try:
        yield
    except MaskerError:
        raise
    except OSError as failure:
        raise TryAgainError(
            f"the snapshot cannot be written: {(failure.strerror or 'unknown').lower()}",
            help="is there room, and may this user write there? nothing was left behind",
            code="snapshot-unwritable",
            subject=place.name,
        ) from None

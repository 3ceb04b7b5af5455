"""A snapshot of one engine as what another is loaded from: new tables, and readers of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import polars as pl

from masker.catalog import TableName
from masker.engines.crossing import Crossed, Departure, cross
from masker.engines.engine import Block, Codec, Decode
from masker.engines.part import Part
from masker.engines.plain import plain
from masker.engines.registry import engine_named
from masker.snapshots.contents import Contents, StoredTable
from masker.snapshots.formats import SQL
from masker.snapshots.reading import FolderOutlet, FolderReader


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedReader:
    """The sealed folder, read as blocks of another engine.

    `files` are those of a table there: the table that each file is of, and its number. `columns`
    are a table's, in the order of its blocks.
    """

    folder: FolderReader
    files: Mapping[TableName, tuple[tuple[TableName, int], ...]]
    columns: Mapping[TableName, tuple[str, ...]]

    def open(self) -> CrossedOutlet:
        """Open an outlet."""
        return CrossedOutlet(self)

    def parts(self) -> list[Part]:
        """Return every file of every table that crossed, the largest first."""
        places = {
            file: Part(table=table, low=number, high=number + 1)
            for table, files in self.files.items()
            for number, file in enumerate(files)
        }
        every = ((part.table, part.low or 0) for part in self.folder.parts())
        return [places[file] for file in every if file in places]


class CrossedOutlet:
    """Reads files of tables as blocks of the engine that they are loaded into."""

    def __init__(self, reader: CrossedReader) -> None:
        self._reader = reader
        self._outlet: FolderOutlet = reader.folder.open()

    def read(
        self, part: Part, codec: Codec, *, batch_bytes: int, max_duration: float | None = None
    ) -> Iterator[Block]:
        """Yield the rows of a part; UnsafeError when a file is not the one that was sealed."""
        names = self._reader.columns[part.table]
        for table, number in self._reader.files[part.table][part.low or 0 : part.high]:
            file = Part(table=table, low=number, high=number + 1)
            own = self._codec(table)
            blocks = self._outlet.read(
                file, own, batch_bytes=batch_bytes, max_duration=max_duration
            )
            for frame in plain(blocks, own):
                yield codec.render(frame.select(names), plain=names)

    def _codec(self, table: TableName) -> Codec:
        """Return what reads a table's files: a script holds blocks of its engine, others frames."""
        folder = self._reader.folder
        if folder.format != SQL:
            return _Frames()
        return engine_named(folder.engine).codec(folder.columns[table], passed_on=True)

    def cancel(self) -> None:
        """Read no further block."""
        self._outlet.cancel()

    def close(self) -> None:
        """Close the files' own outlet."""
        self._outlet.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Frames:
    """A codec whose blocks are frames of plain Strings."""

    def count(self, block: pl.DataFrame) -> int:
        return block.height

    def parse(self, block: pl.DataFrame) -> tuple[pl.DataFrame, Decode | None]:
        return block, None

    def render(self, frame: pl.DataFrame, *, plain: Sequence[str]) -> pl.DataFrame:
        del plain  # a folder gives nothing else
        return frame


def crossed(contents: Contents, definition: Departure, *, target: str) -> tuple[Contents, Crossed]:
    """Return a snapshot's contents as the engine `target` has them, and its definition there.

    Rows of partitions count at what their root became. ConfigError where names clash.
    """
    made = cross(
        contents.catalog,
        definition,
        target=target,
        stored={each.table: each.columns for each in contents.tables},
        excluded=contents.excluded,
    )
    rows: dict[TableName, int] = {}
    for table, count in contents.rows:
        if table in made.tables:
            new = made.tables[table]
            rows[new] = rows.get(new, 0) + count
    there = dict.fromkeys(
        made.tables[each.table] for each in contents.tables if each.table in made.tables
    )
    tables = tuple(
        StoredTable(
            table=table,
            into=table,
            columns=tuple(column.name for column in made.catalog.table(table).columns),
            recomputed=(),
        )
        for table in there
    )
    contents = replace(
        contents,
        engine=target,
        catalog=made.catalog,
        tables=tables,
        rows=tuple(rows.items()),
        excluded=(),
        sequences=(),
    )
    return contents, made


def crossed_reader(folder: FolderReader, contents: Contents, made: Crossed) -> CrossedReader:
    """Return what reads the files of `folder` for the tables of contents that crossed."""
    files: dict[TableName, list[tuple[TableName, int]]] = {}
    for table, stored in folder.files.items():
        if table in made.tables:
            own = files.setdefault(made.tables[table], [])
            own += [(table, number) for number in range(len(stored))]
    return CrossedReader(
        folder=folder,
        files={table: tuple(each) for table, each in files.items()},
        columns={each.table: each.columns for each in contents.tables},
    )

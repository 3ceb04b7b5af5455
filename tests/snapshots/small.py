"""A snapshot of one small table, made without any database."""

from pathlib import Path

from masker.catalog import Catalog, Column, Kind, Table, TableName, Type
from masker.keys import Keyring
from masker.snapshots.contents import DDL, Contents, StoredTable
from masker.snapshots.folder import Folder
from masker.snapshots.writing import FolderWriter

KEYS = Keyring.parse("8a6c8bd1f9f0c1b3f7f1d05e20bd4b1a33a0db9cc0a2e1a2f4f8a9d7c6b5a493")
OTHER = Keyring.parse("5b0de3c1a7746f0e9ad2c58be1376cf4482d90b76eaf13c5d09b8847f26ce31a")
TABLE = TableName("public", "people/of 100%")
COLUMNS = (
    Column(name="id", type=Type(name="integer", base="int4", kind=Kind.INTEGER)),
    Column(name="name", type=Type(name="text", base="text", kind=Kind.TEXT)),
)
ROWS = b"1\tAnna\n2\t\\N\n3\tline\\nbreak\n"
CATALOG = Catalog(
    engine="postgres",
    version="18",
    database="shop",
    schemas=("public",),
    tables=(Table(name=TABLE, columns=COLUMNS),),
)


def fill(folder: Folder, *, format: str = "parquet", rows: bytes = ROWS) -> Contents:
    """Write the table's files, and the contents that name them."""
    writer = FolderWriter(
        data=folder.data, engine="postgres", format=format, columns={TABLE: COLUMNS}
    )
    with writer.open() as inlet, inlet.load(TABLE, ["id", "name"]) as write:
        write(rows)
    folder.write({DDL: "{}"})
    stored = StoredTable(table=TABLE, into=TABLE, columns=("id", "name"), recomputed=())
    return Contents(
        run="run1",
        pipeline="small",
        made="2026-01-01T00:00:00+00:00",
        engine="postgres",
        format=format,
        catalog=CATALOG,
        tables=folder.files_of((stored,), format=format),
        rows=((TABLE, rows.count(b"\n")),),
        excluded=(),
        sequences=(),
        files=folder.stored(),
    )


def make(out: Path, *, keys: Keyring = KEYS, format: str = "parquet") -> str:
    """Make a whole snapshot and return its seal."""
    with Folder.begin(out, run="run1") as folder:
        seal = folder.seal(fill(folder, format=format), keys=keys)
        folder.publish()
    return seal

"""Tables as scripts: each file begun and ended, as large as it may be, read back to the byte."""

from masker.engines.part import Part
from masker.engines.registry import engine_named
from masker.snapshots.contents import Contents, StoredTable
from masker.snapshots.folder import Folder
from masker.snapshots.reading import reader_of
from masker.snapshots.writing import FolderWriter
from tests.snapshots.small import CATALOG, COLUMNS, ROWS, TABLE

NAMES = ("id", "name")
HEAD, TAIL = b'COPY "public"."people/of 100%" ("id", "name") FROM stdin;\n', b"\\.\n"


def write(folder, blocks, **options):
    writer = FolderWriter(
        data=folder.data, engine="postgres", format="sql", columns={TABLE: COLUMNS}, **options
    )
    with writer.open() as inlet, inlet.load(TABLE, NAMES) as load:
        for block in blocks:
            load(block)
    stored = StoredTable(table=TABLE, into=TABLE, columns=NAMES, recomputed=())
    return folder.files_of((stored,), format="sql")


def test_a_table_goes_into_several_files_and_comes_back(tmp_path):
    with Folder.begin(tmp_path / "snap", run="r") as folder:
        tables = write(folder, [ROWS] * 5, file_bytes=2 * len(ROWS))
        raw = [(folder.path / path).read_bytes() for path in tables[0].files]
        assert raw == [HEAD + ROWS * 2 + TAIL] * 2 + [HEAD + ROWS + TAIL]
        contents = Contents(
            run="r",
            pipeline="p",
            made="",
            engine="postgres",
            format="sql",
            catalog=CATALOG,
            tables=tables,
            rows=((TABLE, 15),),
            excluded=(),
            sequences=(),
            files=folder.stored(),
        )
        codec = engine_named("postgres").codec(COLUMNS, passed_on=True)
        outlet = reader_of(folder.path, contents).open()
        blocks = list(outlet.read(Part(table=TABLE), codec, batch_bytes=10))
        assert b"".join(blocks) == ROWS * 5
        assert all(block.endswith(b"\n") for block in blocks)


def test_a_table_without_rows_has_a_script_too(tmp_path):
    with Folder.begin(tmp_path / "snap", run="r") as folder:
        ((path,),) = [table.files for table in write(folder, [])]
        assert (folder.path / path).read_bytes() == HEAD + TAIL

"""Every type goes through the opaque text frame and comes out byte for byte as it was."""

from dataclasses import dataclass

import pytest

from masker.catalog import TableName
from masker.engines.postgres import copytext
from masker.engines.postgres.address import Address
from masker.engines.postgres.read import Part, begin_snapshot, copy_sql, read
from masker.engines.postgres.session import Session, Side, quote

# Databases and roles have settings of their own; a session of ours must not care.
HOSTILE = (
    "ALTER DATABASE {db} SET DateStyle = 'SQL, DMY'",
    "ALTER DATABASE {db} SET IntervalStyle = 'sql_standard'",
    "ALTER DATABASE {db} SET extra_float_digits = '-10'",
    "ALTER DATABASE {db} SET bytea_output = 'escape'",
    "ALTER DATABASE {db} SET TimeZone = 'Asia/Kolkata'",
    "ALTER DATABASE {db} SET client_encoding = 'LATIN1'",
    "ALTER DATABASE {db} SET search_path = 'nowhere'",
    "ALTER DATABASE {db} SET row_security = 'on'",
)
SETUP = r"""
CREATE EXTENSION vector SCHEMA public;
CREATE TYPE public.mood AS ENUM ('sad', 'it''s', 'comma,quote"', '');
CREATE TYPE public.pair AS (n int, t text);
CREATE DOMAIN public.even AS int CHECK (VALUE % 2 = 0);
CREATE DOMAIN public.label AS varchar(20) CHECK (VALUE <> 'no');
"""
TEXTS = r"""('') , ('\N'), ('NULL'), (' '), ('a\b'), ('C:\new\table'), ('"quoted"'), ('it''s, so'),
(E'tab\there'), (E'line\nbreak'), (E'return\r\nline'), (E'\b\f\v\x01\x1f\x7f'), ('\.'), ('#'),
('😀 ß ﬁ 漢字'), (E'e\u0301'), (E'\u2028\u0085\u00a0'), (repeat('x', 100000))"""
FLOATS = """('NaN'), ('Infinity'), ('-Infinity'), ('-0'), ('0.1'), ('1e-30'), ('3.14159265358979'),
('1.17549435e-38'), ('3.4028235e38')"""


@dataclass(frozen=True)
class Case:
    name: str
    type: str
    values: str  # of a VALUES list


EMBEDDED = [
    Case("smallint", "smallint", "(-32768), (0), (32767)"),
    Case("integer", "integer", "(-2147483648), (2147483647)"),
    Case("bigint", "bigint", "(-9223372036854775808), (9223372036854775807)"),
    Case("numeric", "numeric", "('NaN'), ('1e-100'), (1e100), ('0.10'), ('-0.000'), ('Infinity')"),
    Case(
        "numeric-38-10",
        "numeric(38,10)",
        "('1234567890123456789012345678.0123456789'), ('0'), ('-0.0000000001')",
    ),
    Case("money", "money", "('-1234567.89'), ('0.01'), ('92233720368547758.07')"),
    Case("real", "real", FLOATS),
    Case("double", "double precision", f"{FLOATS}, ('5e-324'), ('1.7976931348623157e308')"),
    Case("boolean", "boolean", "(true), (false)"),
    Case("text", "text", TEXTS),
    Case("text-byte-order-mark", "text", r"(E'\ufefffirst'), (E'\ufeff\ufeff'), ('plain')"),
    Case("varchar", "varchar(12)", r"(''), ('\N'), (E'\t'), ('ßßßßßßßßßßßß')"),
    Case("char-n", "char(6)", r"(''), ('ab'), ('  ab'), ('ab    ')"),
    Case("one-char", '"char"', r"('a'), (''), ('\')"),
    Case("name", "name", "('a name'), ('')"),
    Case("bytea", "bytea", r"('\x'), ('\x00ff5c0a0d09'), ('\xefbbbf'), ('\x5c4e')"),
    Case("date", "date", "('infinity'), ('-infinity'), ('0044-03-15 BC'), ('5874897-12-31')"),
    Case("time", "time", "('00:00'), ('24:00'), ('23:59:59.999999')"),
    Case("time-3", "time(3)", "('12:34:56.789')"),
    Case("timetz", "timetz", "('12:00+14'), ('23:59:59.999999-15:59:59')"),
    Case("timestamp", "timestamp", "('infinity'), ('4713-01-01 BC'), ('294276-12-31 23:59:59.9')"),
    Case(
        "timestamptz",
        "timestamptz",
        "('-infinity'), ('0001-01-01 00:00+05:53:28 BC'), ('2024-03-31 02:30+02')",
    ),
    Case("interval", "interval", "('-1 year 2 mons -3 days 04:05:06.7'), ('0'), ('1 day -1 sec')"),
    Case("uuid", "uuid", "('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11')"),
    Case("inet", "inet", "('10.1.2.3/8'), ('::1'), ('::ffff:1.2.3.4/96')"),
    Case("cidr", "cidr", "('10.0.0.0/8'), ('2001:db8::/32')"),
    Case("macaddr", "macaddr", "('08-00-2b-01-02-03')"),
    Case("macaddr8", "macaddr8", "('08:00:2b:01:02:03:04:05')"),
    Case("json", "json", r"""('{"b" : 1,  "a":[ "\\n\t\u0000" ], "b":2}'), ('"\\N"'), ('null')"""),
    Case("jsonb", "jsonb", r"""('{"b":1,"a":["\\n \"q\" \\\\",1.10,"😀"]}'), ('null'), ('""')"""),
    Case("jsonpath", "jsonpath", r"""('$.a[*] ? (@ > 1)'), ('$."a\tb"')"""),
    Case("integer-array", "integer[]", "('{}'), ('{1,NULL}'), ('{{1,2},{3,4}}'), ('[2:3]={1,2}')"),
    Case(
        "text-array",
        "text[]",
        r"""('{"a,b","c\"d","e\\\\f","",NULL,"NULL"}'), (ARRAY[E'\t\n', '\N', '{}', 'ß']),
        (ARRAY[ARRAY['a b', ''], ARRAY['"', '\']])""",
    ),
    Case("timestamptz-array", "timestamptz[]", "('{infinity,\"2024-01-01 00:00+01\",NULL}')"),
    Case("jsonb-array", "jsonb[]", r"""(ARRAY['{"a":"\\\"b"}'::jsonb, 'null'])"""),
    Case("enum", "public.mood", "('sad'), ('it''s'), ('comma,quote\"'), ('')"),
    Case(
        "enum-array", "public.mood[]", "(ARRAY['it''s', 'comma,quote\"', '', NULL]::public.mood[])"
    ),
    Case("domain", "public.even", "(2), (-4)"),
    Case("domain-of-text", "public.label", r"(''), ('\N'), (E'\t')"),
    Case("domain-array", "public.label[]", r"(ARRAY['', '\N', 'a b']::public.label[])"),
    Case("composite", "public.pair", r"""((1, E'a\t"b",\\')), ((NULL, NULL)), ((2, ''))"""),
    Case(
        "composite-array", "public.pair[]", r"""(ARRAY[(1, 'a "b"'), (2, NULL)]::public.pair[])"""
    ),
    Case("bit", "bit(5)", "(B'10101')"),
    Case("varbit", "varbit", "(B''), (B'1')"),
    Case("point", "point", "('(1e-5,-0)'), ('(Infinity,NaN)')"),
    Case("line", "line", "('{1,-1,0.1}')"),
    Case("lseg", "lseg", "('[(0,0),(1,1.5)]')"),
    Case("box", "box", "('(1,1),(0,0)')"),
    Case("box-array", "box[]", "('{(1,1),(0,0);(3,3),(2,2)}')"),  # its delimiter is a semicolon
    Case("path", "path", "('[(0,0),(1,1)]'), ('((0,0),(1,1))')"),
    Case("polygon", "polygon", "('((0,0),(1,1),(1,0))')"),
    Case("circle", "circle", "('<(0,0),0.1>')"),
    Case("int4range", "int4range", "('empty'), ('[1,5]'), ('(,3)'), ('(,)')"),
    Case("int8range", "int8range", "('[1,9223372036854775806]')"),
    Case("numrange", "numrange", "('(0.10,1.5]')"),
    Case("tsrange", "tsrange", "('[-infinity,2024-01-01 00:00)'), ('empty')"),
    Case("tstzrange", "tstzrange", "('(2024-01-01 00:00+01,infinity]')"),
    Case("daterange", "daterange", "('[2024-01-01,2024-02-01)')"),
    Case("int4multirange", "int4multirange", "('{}'), ('{[1,2),[4,6)}')"),
    Case("tstzmultirange", "tstzmultirange", "('{[2024-01-01 00:00+01,2024-01-02 00:00+01)}')"),
    Case("tsvector", "tsvector", r"""('''it''''s'':1A,2 ''a\\b'' c:3'), ('')"""),
    Case("tsquery", "tsquery", r"""('''a b'' & !c:*A | d <2> e'), ('')"""),
    Case("pg_lsn", "pg_lsn", "('16/B374D848')"),
    Case("oid", "oid", "(0), (4294967295)"),
    Case("regclass", "regclass", "('pg_catalog.pg_class'::regclass)"),
    Case("xid8", "xid8", "('18446744073709551615')"),
    Case("tid", "tid", "('(4294967295,65535)')"),
    Case("pg_snapshot", "pg_snapshot", "('10:20:10,14,15')"),
    Case("vector", "public.vector(3)", "('[1,-0.5,1e-7]'), ('[0,0,0]')"),
    Case("halfvec", "public.halfvec(2)", "('[1,0.33325195]')"),
    Case("sparsevec", "public.sparsevec(5)", "('{1:1.5,5:-2}/5'), ('{}/5')"),
]
PACKAGED_SETUP = """
CREATE EXTENSION citext SCHEMA public;
CREATE EXTENSION hstore SCHEMA public;
CREATE EXTENSION ltree SCHEMA public;
CREATE COLLATION public.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
"""
PACKAGED = [
    Case("xml", "xml", r"""('<a b="1">\n<!-- \ --></a>'), ('text only')"""),
    Case("hstore", "public.hstore", r"""('a=>1, "b c"=>NULL, "q\"\\"=>"\t"'), ('')"""),
    Case("citext", "public.citext", r"""('MiXed'), (''), ('\N')"""),
    Case("ltree", "public.ltree", "('a.b.c'), ('')"),
    Case("case-insensitive", "text COLLATE public.ci", "('MiXed'), ('mixed')"),
]


@dataclass
class Road:
    """Two databases and a way between them."""

    source: Session
    target: Session

    def fill(self, table, type_, values):
        ddl = f"CREATE TABLE public.{table} (v {type_}, n int GENERATED ALWAYS AS IDENTITY, w {type_})"
        for session in (self.source, self.target):
            session.execute(ddl)
        for value in (values, "(NULL)"):
            self.source.execute(f"INSERT INTO public.{table} (v) VALUES {value}")
        self.source.execute(f"UPDATE public.{table} SET w = v")

    def move(self, table, columns, *, batch_bytes=1 << 16):
        part = Part(table=TableName("public", table))
        names = ", ".join(map(quote, columns))
        into = f"COPY public.{table}{f' ({names})' if names else ''} FROM STDIN"
        blocks = []
        with self.target.copy_in(into) as write:
            for block in read(self.source, part, columns, batch_bytes=batch_bytes):
                blocks.append(block)
                frame = copytext.parse(block, columns)
                write(copytext.render(frame))
        return blocks

    def rows(self, session, table, columns):
        return b"".join(read(session, Part(table=TableName("public", table)), columns))

    def digest(self, session, table):
        return session.query(
            f"SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY n)) FROM public.{table} t"
        )


def open_road(production, staging, fresh, setup):
    urls = fresh(production, "matrix"), fresh(staging, "matrix")
    for server, url in zip((production, staging), urls, strict=True):
        name = url.rsplit("/", 1)[1]
        server.sql(setup, database=name)
        for statement in HOSTILE if server is production else ():
            server.sql(statement.format(db=name))
    source, target = (Session.open(Address.parse(url), side=Side.TARGET) for url in urls)
    return Road(source, target)


@pytest.fixture(scope="module")
def road(production, staging, lasting_database):
    made = open_road(production, staging, lasting_database, SETUP)
    yield made
    made.source.close()
    made.target.close()


@pytest.fixture(scope="module")
def packaged_road(packaged, lasting_database):
    made = open_road(packaged, packaged, lasting_database, PACKAGED_SETUP)
    yield made
    made.source.close()
    made.target.close()


def check(road, case):
    table = "t_" + case.name.replace("-", "_")
    columns = ["v", "n", "w"]
    road.fill(table, case.type, case.values)
    sent = b"".join(road.move(table, columns))
    assert road.rows(road.target, table, columns) == sent == road.rows(road.source, table, columns)
    assert road.digest(road.target, table) == road.digest(road.source, table)
    for values in copytext.parse(sent, columns):  # and the way of a masked column, unmasked
        assert copytext.encode(copytext.decode(values)).equals(values)


@pytest.mark.parametrize("case", EMBEDDED, ids=lambda case: case.name)
def test_a_type_survives(road, case):
    check(road, case)


@pytest.mark.parametrize("case", PACKAGED, ids=lambda case: case.name)
def test_a_type_of_a_packaged_server_survives(packaged_road, case):
    check(packaged_road, case)


def test_null_and_the_empty_string_stay_apart(road):
    road.fill("nulls", "text", "(''), ('NULL'), ('null')")
    road.move("nulls", ["v", "n", "w"])
    found = road.target.query("SELECT v FROM public.nulls ORDER BY n")
    assert found == [("",), ("NULL",), ("null",), (None,)]


def test_a_batch_that_begins_with_a_byte_order_mark_after_the_first(road):
    road.fill("marks", "text", ", ".join([r"(E'\ufeff' || repeat('x', 700))"] * 500))
    blocks = road.move("marks", ["v", "n", "w"], batch_bytes=4096)
    assert len(blocks) > 10
    assert road.digest(road.target, "marks") == road.digest(road.source, "marks")


def test_an_empty_table(road):
    for session in (road.source, road.target):
        session.execute("CREATE TABLE public.empty (a int, b text)")
    assert road.move("empty", ["a", "b"]) == []
    assert road.target.one("SELECT count(*) FROM public.empty") == 0


def test_a_table_without_columns(road):
    for session in (road.source, road.target):
        session.execute("CREATE TABLE public.bare ()")
    road.source.execute("INSERT INTO public.bare SELECT FROM generate_series(1, 5)")
    road.move("bare", [])
    assert road.target.one("SELECT count(*) FROM public.bare") == 5
    ranged = Part(table=TableName("public", "bare"), low=0)
    assert copy_sql(ranged, []) == (
        """COPY (SELECT  FROM ONLY "public"."bare" WHERE ctid >= '(0,0)') TO STDOUT"""
    )
    assert b"".join(read(road.source, ranged, [])) == b"\n" * 5


def test_generated_columns_are_left_out_of_both_lists(road):
    for session in (road.source, road.target):
        session.execute(
            "CREATE TABLE public.derived (a int, b int GENERATED ALWAYS AS (a * 2) STORED, n int)"
        )
    road.source.execute("INSERT INTO public.derived (a, n) VALUES (1, 1), (NULL, 2)")
    road.move("derived", ["a", "n"])
    assert road.digest(road.target, "derived") == road.digest(road.source, "derived")


def test_settings_hold_inside_the_snapshot(road):
    begin_snapshot(road.source)
    try:
        assert road.source.one("SHOW DateStyle").startswith("ISO")
        assert road.source.one("SHOW row_security") == "off"
    finally:
        road.source.rollback()

"""Databases whose tables are masked where they lie: the same shop on PostgreSQL and SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

import masker

KEY = "b7f0a1c93e5d48260f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"
RULES = {
    "customers": {
        "id": "digits",
        "email": "email",
        "name": "full_name",
        "country": "keep",
    },
    "orders": {"id": "keep", "total": "keep"},
}
WEAK = ["weak-space:customers.id"]
SHOP = """
CREATE TABLE customers (
  id varchar(4) PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, name text,
  country varchar(2) NOT NULL, boss varchar(4) REFERENCES customers (id) ON UPDATE SET NULL
);
CREATE TABLE orders (
  id integer PRIMARY KEY, customer varchar(4) NOT NULL REFERENCES customers (id) ON UPDATE CASCADE,
  total numeric(10, 2) NOT NULL
);
CREATE TABLE badges (
  customer varchar(4) PRIMARY KEY REFERENCES customers (id), colour text NOT NULL
);
CREATE TABLE scans (
  id integer PRIMARY KEY, badge varchar(4) REFERENCES badges (customer)
);
"""
TABLES = ("customers", "orders", "badges", "scans")


@dataclass(frozen=True)
class Place:
    """A database by its engine, and whether constraints may be dropped there."""

    engine: sa.Engine
    ddl: bool = True

    @property
    def is_sqlite(self):
        return self.engine.dialect.name == "sqlite"

    def run(self, script):
        with self.engine.begin() as connection:
            for statement in script.split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement)

    def rows(self, sql):
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

    def everything(self):
        return {name: sorted(self.rows(f"SELECT * FROM {name}"), key=repr) for name in TABLES}

    def mask(self, table="customers", *, rules=RULES, **options):
        with self.engine.begin() as connection:
            made = masker.Masker.from_rules(rules, key=KEY, accept=WEAK)
            return made.mask_table(connection, table, ddl=self.ddl, **options)


def fill(place, people=10):
    """Fill the shop: every customer's key is one digit, so that masking only exchanges them."""
    place.run(SHOP)
    first = ["Anna", "Bert", "Carla", "Dieter", "Eva", "Franz", "Gerda", "Hans", "Ida", "Jakob"]
    with place.engine.begin() as connection:
        for n in range(people):
            boss = f"'{(n + 1) % people}'" if n % 3 else "NULL"
            connection.exec_driver_sql(
                f"INSERT INTO customers VALUES ('{n}', '{first[n].lower()}.kranz{n}@web.de', "
                f"'{first[n]} Kranz', '{'DE' if n % 2 else 'AT'}', NULL)"
            )
            connection.exec_driver_sql(f"INSERT INTO badges VALUES ('{n}', 'red')")
            connection.exec_driver_sql(f"INSERT INTO scans VALUES ({n}, '{n}')")
            for m in range(n % 4):
                connection.exec_driver_sql(
                    f"INSERT INTO orders VALUES ({n * 10 + m}, '{n}', {n}.{m})"
                )
        for n in range(people):
            boss = f"'{(n + 1) % people}'" if n % 3 else "NULL"
            connection.exec_driver_sql(f"UPDATE customers SET boss = {boss} WHERE id = '{n}'")


@contextmanager
def sqlite_at(path) -> Iterator[sa.Engine]:
    """Open a file as SQLAlchemy's own page says, with transactions that hold DDL, and keys on."""
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def connected(raw, _):
        raw.isolation_level = None
        raw.execute("PRAGMA foreign_keys = ON")

    @sa.event.listens_for(engine, "begin")
    def begun(connection):
        connection.exec_driver_sql("BEGIN")

    yield engine
    engine.dispose()

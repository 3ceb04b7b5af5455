"""The people who work on the target: what they may read, and their sessions while data changes."""

import itertools
import threading
import time
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import errors

from tests.pipelines.refreshes import one, refresh

_numbers = itertools.count(1)
READABLE = ("employees", "jobs", "regions")
RIGHTS = """
SELECT c.oid::regclass::text, p.kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p (kind)
 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v', 'm', 'p')
   AND has_table_privilege(c.oid, p.kind)
UNION ALL SELECT 'schema ' || nspname, p.kind FROM pg_namespace, unnest(ARRAY['USAGE', 'CREATE']) p (kind)
 WHERE nspname = 'public' AND has_schema_privilege(oid, p.kind)
UNION ALL SELECT 'database', p.kind FROM unnest(ARRAY['CONNECT', 'CREATE', 'TEMP']) p (kind)
 WHERE has_database_privilege(current_database(), p.kind)
"""


@pytest.fixture
def work(request, production, staging, staging_roles, fresh_database, tmp_path):
    """A copy of hr's source, a target, and `refresh()` between them."""
    source = fresh_database(production, "hr", template=request.getfixturevalue("hr"))
    target = fresh_database(staging, "hr", owner="masker_loader")
    name = target.rpartition("/")[2]
    loader = urlsplit(staging_roles.loader)._replace(path=f"/{name}").geturl()
    app = urlsplit(staging_roles.app)._replace(path=f"/{name}").geturl()

    def go() -> None:
        refresh("hr", source=source, target=loader, records=tmp_path)

    yield source, target, app, go
    staging.drop_database(f"{name}_masker_previous")


def everything(app: str) -> dict[str, object]:
    """Return all that the application's role reads, may do and is bound to."""
    with psycopg.connect(app, autocommit=True) as session:
        return {
            "rows": {
                table: session.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
                for table in READABLE
            },
            "rights": sorted(session.execute(RIGHTS).fetchall()),
            "settings": [one(session, f"SHOW {name}") for name in ("statement_timeout", "work_mem")],
        }  # fmt: skip


def test_an_application_works_after_the_swap_as_before_and_no_more(work):
    source, target, app, go = work
    go()
    name = target.rpartition("/")[2]
    with psycopg.connect(target, autocommit=True) as session:
        session.execute(f"REVOKE TEMP ON DATABASE {name} FROM PUBLIC")
        session.execute(f"ALTER DATABASE {name} SET statement_timeout = '7s'")
        session.execute(f"ALTER DATABASE {name} SET work_mem = '5MB'")
        session.execute(f"GRANT SELECT ON {', '.join(READABLE)} TO shop_app")
    before = everything(app)
    assert before["settings"] == ["7s", "5MB"]
    tables = {table for table, kind in before["rights"] if kind == "SELECT"}
    assert tables == set(READABLE)
    with psycopg.connect(source) as session:  # something new, which nobody in staging was given
        session.execute("CREATE VIEW payroll AS SELECT employee_id, salary FROM employees")

    go()

    assert everything(app) == before
    with psycopg.connect(app, autocommit=True) as session:
        for table in ("locations", "job_history", "payroll"):
            with pytest.raises(errors.InsufficientPrivilege):
                session.execute(f"SELECT * FROM {table}")
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute("UPDATE employees SET salary = 0")
        with pytest.raises(errors.QueryCanceled):
            session.execute("SET statement_timeout = '10ms'; SELECT pg_sleep(1)")


class Client(threading.Thread):
    """Connects, asks, and connects again; remembers what it saw."""

    def __init__(self, url: str, ended: threading.Event) -> None:
        super().__init__(name=f"client {next(_numbers)}", daemon=True)
        self.url, self.ended = url, ended
        self.seen: list[str] = []
        self.refused: set[str] = set()
        self.partial = 0

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                with psycopg.connect(self.url, autocommit=True) as session:
                    for _ in range(3):
                        name, rows = session.execute(
                            "SELECT max(last_name) FILTER (WHERE employee_id = 100), count(*) "
                            "FROM employees"
                        ).fetchone()
                        self.seen.append(name)
                        self.partial += rows != 107
                        time.sleep(0.01)
            except psycopg.OperationalError as failure:
                self.refused.add(failure.sqlstate or "connection")


def test_six_clients_that_reconnect_in_a_loop_do_not_stop_the_publish(work, staging):
    source, target, _, go = work
    go()
    with psycopg.connect(source) as session:
        session.execute("UPDATE employees SET last_name = 'Queen' WHERE employee_id = 100")
    name = target.rpartition("/")[2]
    staging.sql(
        f"GRANT SELECT ON employees TO shop_app; GRANT CONNECT ON DATABASE {name} TO shop_app",
        database=name,
    )
    with psycopg.connect(target) as session:
        old = one(session, "SELECT last_name FROM employees WHERE employee_id = 100")
    ended = threading.Event()
    clients = [Client(work[2], ended) for _ in range(6)]
    for client in clients:
        client.start()
    try:
        go()
        time.sleep(0.5)
    finally:
        ended.set()
        for client in clients:
            client.join(20)
    with psycopg.connect(target) as session:
        new = one(session, "SELECT last_name FROM employees WHERE employee_id = 100")
    assert new != old
    for client in clients:
        assert not client.is_alive()
        assert client.partial == 0
        # The old data, then the new, and never the old again.
        assert [name for name, _ in itertools.groupby(client.seen)] == [old, new]
        # Ended by the publish (57P01), or not let in during its moment.
        assert client.refused <= {"57P01", "connection"}

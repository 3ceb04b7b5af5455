"""A difficult shop on two servers, whose target has tables of its own and stays where it is."""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.pipelines.refreshes import KEY, refresh

SCHEMA = """
CREATE TABLE teams (
  id int PRIMARY KEY, name text NOT NULL, lead int NOT NULL,
  made timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE people (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  team int NOT NULL REFERENCES teams (id),
  boss int REFERENCES people (id),
  email text NOT NULL UNIQUE,
  phone text,
  shout text GENERATED ALWAYS AS (upper(email)) STORED
);
ALTER TABLE teams ADD CONSTRAINT teams_lead FOREIGN KEY (lead) REFERENCES people (id)
  DEFERRABLE INITIALLY DEFERRED;
COMMENT ON CONSTRAINT teams_lead ON teams IS 'who answers';
CREATE TABLE seats (
  room int, place int, person int REFERENCES people (id), label text,
  PRIMARY KEY (room, place), CONSTRAINT seats_label UNIQUE (label)
);
CREATE TABLE visits (
  person int NOT NULL REFERENCES people (id), at date NOT NULL, note text,
  PRIMARY KEY (person, at)
) PARTITION BY RANGE (at);
CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE SEQUENCE tickets;
CREATE MATERIALIZED VIEW contacts AS SELECT t.name, p.email FROM teams t JOIN people p
  ON p.team = t.id;
CREATE VIEW leads AS SELECT * FROM contacts;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.made = '1999-01-01'; RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON teams FOR EACH ROW EXECUTE FUNCTION stamp();
"""
ROWS = """
SET session_replication_role = replica;
INSERT INTO teams SELECT n, 'team ' || n, n, '2025-05-05' FROM generate_series(1, 4) n;
INSERT INTO people (id, team, boss, email, phone) OVERRIDING SYSTEM VALUE
  SELECT n, 1 + n % 4, CASE WHEN n > 4 THEN n - 4 END, 'anna.kranz' || n || '@web.de',
         '+49 30 9018' || 2000 + n FROM generate_series(1, 40) n;
INSERT INTO seats SELECT n / 10, n % 10, n + 1, 'seat ' || n FROM generate_series(0, 39) n;
INSERT INTO visits SELECT n, date '2024-01-01' + n * 15, 'ok' FROM generate_series(1, 40) n;
SELECT setval('tickets', 77), setval('people_id_seq', 40);
SET session_replication_role = origin;
REFRESH MATERIALIZED VIEW contacts;
"""
# Staging's own: a table outside the plan that refers into it, and rows that a run may meet.
OWN = """
CREATE TABLE badges (
  id int PRIMARY KEY, person int REFERENCES people (id) ON DELETE CASCADE, owner text
);
"""
OLD = """
SET session_replication_role = replica;
INSERT INTO teams VALUES (1, 'old team', 1), (9, 'own team', 1);
INSERT INTO people (id, team, email, phone) OVERRIDING SYSTEM VALUE
  VALUES (1, 1, 'old.one@example.org', NULL), (100, 9, 'own.one@example.org', '+1 555 0100');
INSERT INTO seats VALUES (50, 1, 1, 'mine'), (50, 2, 100, 'mine too');
INSERT INTO visits VALUES (1, '2024-06-01', 'mine');
INSERT INTO badges VALUES (1, 1, 'staging');
SELECT setval('tickets', 5), setval('people_id_seq', 100);
SET session_replication_role = origin;
REFRESH MATERIALIZED VIEW contacts;
"""
PIPELINE = """
version: 1
name: in_place
source: {{url: "${{SOURCE_URL}}"}}
target: {{url: "${{TARGET_URL}}", mode: {mode}, allow: [{allow}]{more}}}
columns:
  teams: {{"*": keep}}
  people: {{id: keep, team: keep, boss: keep, email: email, phone: phone}}
  seats: {{"*": keep}}
  visits: {{"*": keep}}
{rest}
"""
TABLES = ("teams", "people", "seats", "visits", "badges", "contacts")


@dataclass
class World:
    """A source, a target that is never exchanged, and a folder for pipelines and records.

    `loader` is the URL of a role that loads the target, the superuser's unless it is given.
    """

    source: str
    target: str
    folder: Path
    loader: str = ""

    def pipeline(self, mode: str, *, allow="unmarked-target", more="", rest="") -> Path:
        path = self.folder / "in_place.yaml"
        path.write_text(PIPELINE.format(mode=mode, allow=allow, more=more, rest=rest))
        return path

    def run(self, mode: str, *, workers=None, key=KEY, **options):
        return refresh(
            self.pipeline(mode, **options),
            source=self.source,
            target=self.loader or self.target,
            records=self.folder / "records",
            workers=workers,
            key=key,
        )

    def at_target(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.target, autocommit=True) as session:
            found = session.execute(sql)
            return found.fetchall() if found.description else []

    def at_source(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.source, autocommit=True) as session:
            found = session.execute(sql)
            return found.fetchall() if found.description else []

    def everything(self) -> dict[str, list]:
        """Return rows, constraints, triggers and sequences of the target."""
        found = {name: sorted(self.at_target(f"SELECT * FROM {name}"), key=repr) for name in TABLES}
        found["constraints"] = self.at_target(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated, "
            "obj_description(oid, 'pg_constraint') FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        found["triggers"] = self.at_target(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal"
        )
        found["sequences"] = self.at_target(
            "SELECT 't', last_value, is_called FROM tickets UNION ALL "
            "SELECT 'p', last_value, is_called FROM people_id_seq ORDER BY 1"
        )
        found["comment"] = self.at_target(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
            "WHERE datname = current_database()"
        )
        return found

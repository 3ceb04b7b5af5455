"""An embedded server with what tests ask of one besides: databases made, filled and dropped."""

from pathlib import Path

from masker.demo.servers import EmbeddedServer


class Server(EmbeddedServer):
    """An embedded server on which tests make databases."""

    def create_database(self, name: str, *, template: str = "template0", owner: str = "") -> str:
        """Create a database and return its URL; from `template0` it is empty."""
        belongs = f" OWNER {_quoted(owner)}" if owner else ""
        self.sql(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)}{belongs}")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database with its sessions, if it exists."""
        self.sql(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    def psql_file(self, path: Path, *, database: str) -> None:
        """Run a file, `COPY … FROM stdin` included, as superuser through psql."""
        self._psql(["--quiet", "--file", str(path)], database=database)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

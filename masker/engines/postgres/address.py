"""Where a PostgreSQL database is: a URL in parts, printed without its password."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from masker.errors import ConfigError

NAMES = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed database URL; `str` and `repr` never show the password."""

    host: str
    port: int
    database: str
    user: str
    url: URL = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Address:
        """Parse `postgresql://user:password@host:port/database?options`, else ConfigError."""
        try:
            made = make_url(url)
        except (ArgumentError, ValueError):
            raise ConfigError(
                "the database URL cannot be read",
                help="write postgresql://user:password@host:5432/database",
                code="bad-url",
            ) from None
        if made.get_backend_name() not in NAMES:
            raise ConfigError(
                f"`{made.drivername}` is not a PostgreSQL URL",
                help="write postgresql://user:password@host:5432/database",
                code="bad-url",
            )
        host = made.host or made.query.get("host") or ""
        user = made.username or ""
        return cls(
            host=host if isinstance(host, str) else ",".join(host),
            port=made.port or 5432,
            database=made.database or user,
            user=user,
            url=made,
        )

    def at(self, database: str) -> Address:
        """Return the same server and role, another database."""
        return replace(self, database=database, url=self.url.set(database=database))

    @property
    def conninfo(self) -> str:
        """Return the URL for libpq, with the password."""
        url = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return url.replace(" ", "%20")  # SQLAlchemy leaves blanks as they are, libpq refuses them

    def __str__(self) -> str:
        place = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.host and not self.host.startswith("/") else ""
        return f"postgresql://{place}{self.host}{port}/{self.database}"

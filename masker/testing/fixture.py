"""The pytest fixture."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pytest

from masker.findings import Severity
from masker.testing.look import ENTITIES, ROWS, VALUES, find_personal_data


class NoPersonalData:
    """Fails the test whose database holds personal data: now, or when the test ends."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Any, dict[str, Any]]] = []

    def __call__(
        self,
        database: Any,
        *,
        tables: Collection[str] | None = None,
        countries: Sequence[str] = (),
        entities: Collection[str] = ENTITIES,
        allow: Sequence[str] = (),
        rows: int = ROWS,
        values: int = VALUES,
    ) -> None:
        """Look at once; the arguments are those of `find_personal_data`.

        What was not looked at is a warning of pytest's.
        """
        __tracebackhide__ = True  # the test's own line is what failed
        found = find_personal_data(
            database,
            tables=tables,
            countries=countries,
            entities=entities,
            allow=allow,
            rows=rows,
            values=values,
        )
        for finding in found:
            if finding.severity is Severity.NOTE:
                told = f"{finding.message}: {finding.help}"
                warnings.warn(pytest.PytestWarning(told), stacklevel=2)
        if found.blocking:
            told = "\n".join(f"  {finding.message}" for finding in found.blocking)
            pytest.fail(f"the database holds personal data, or may:\n{told}", pytrace=False)

    def afterwards(self, database: Any, **options: Any) -> None:
        """Look when the test has ended; the arguments are those of `find_personal_data`."""
        self._waiting.append((database, options))

    def finish(self) -> None:
        """Look at what `afterwards` was given; the fixture calls it."""
        __tracebackhide__ = True
        waiting, self._waiting = self._waiting, []
        for database, options in waiting:
            self(database, **options)


@pytest.fixture
def no_personal_data() -> Iterator[NoPersonalData]:
    """Return what fails the test if a database holds personal data.

    `no_personal_data(engine)` looks at once, `no_personal_data.afterwards(engine)` when the test
    has ended, for tests whose own code fills the database.
    """
    look = NoPersonalData()
    yield look
    look.finish()

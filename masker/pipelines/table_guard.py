"""What is never masked where it lies, and never written: production, and what was masked before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from masker.catalog import TableName
from masker.engines.in_place import InPlace, Tie
from masker.errors import UnsafeError
from masker.findings import Finding, error, note
from masker.load.guard import PRODUCTION_NAME, looks_like_production, weighed
from masker.pipelines.written import Written

SAME_DATABASE = "same-database"
SHARED_IDENTITY = "shared-identity"
_MASKED = "already-masked"


def refuse_production(place: InPlace, rules: Written, allow: frozenset[str]) -> tuple[Finding, ...]:
    """Raise UnsafeError for a database that is, or may be, production; return what was allowed."""
    found = [*_production_name(place)]
    if rules.of_file:
        found += _own_source(place, rules.pipeline.source.url)
    told = weighed(found, allow)
    if told.blocking:
        raise UnsafeError.from_findings(told)
    return tuple(told)


def _production_name(place: InPlace) -> Iterator[Finding]:
    word = looks_like_production(place.names)
    if word is not None:
        yield error(
            PRODUCTION_NAME,
            f"the connection looks like production: `{word}`",
            subject=place.database,
            help=f'if it is not, pass `allow=["{PRODUCTION_NAME}"]`',
        )


def _own_source(place: InPlace, url: str) -> Iterator[Finding]:
    """Yield what ties a database to the source of the pipeline."""
    tie = place.tie_to(url)
    if tie is Tie.SAME:
        yield error(
            SAME_DATABASE,
            f"the connection leads to the pipeline's own source, `{place.database}`",
            subject=place.database,
            help="connect to the target; nothing allows this",
        )
    elif tie is Tie.COPY:
        yield error(
            SHARED_IDENTITY,
            f"the server of `{place.database}` has the system identifier of the pipeline's source: "
            "one is a standby or a copy of the other",
            subject=place.database,
            help="make sure that it is a copy and not the primary of the source, then pass "
            f'`allow=["{SHARED_IDENTITY}"]`',
        )
    elif tie is Tie.UNKNOWN:
        yield note(
            "source-not-asked",
            "the pipeline's source did not answer, so that only host, port and database tell that "
            f"`{place.database}` is another one",
            subject=place.database,
        )


def refuse_again(place: InPlace, table: TableName) -> None:
    """Raise UnsafeError for a table that bears masker's marker."""
    if place.marker(table) is not None:
        raise UnsafeError(
            f"`{table}` was masked before: its values are fakes already",
            help="take the call out; or, if rows of people came in since, pass `again=True`, which "
            "gives the old fakes new fakes, too, unless `where` leaves them out",
            code=_MASKED,
            subject=str(table),
        )


def refuse_fakes(place: InPlace, table: TableName, leads: Sequence[TableName]) -> None:
    """Raise UnsafeError for a table to be copied that is masked, or refers to masked keys.

    `leads` are the tables whose rules mask columns of this one, as foreign keys.
    """
    for each in (table, *leads):
        if place.marker(each) is None:
            continue
        if each == table:
            sentence = f"`{table}` was masked before, and its copy would hold fakes of fakes"
            mend = "copy its rows as they are, in SQL"
        else:
            sentence = (
                f"`{each}` was masked before, so what refers to it in `{table}` are fakes already"
            )
            mend = f"keep these columns, by rules that do not name `{each}`"
        raise UnsafeError(
            sentence,
            help=f"{mend}; or pass `again=True` if rows of people came in since",
            code=_MASKED,
            subject=str(each),
        )


def refuse_filled(place: InPlace, table: TableName) -> None:
    """Raise UnsafeError for a table of a database that a run filled."""
    if place.filled():
        raise UnsafeError(
            f"a run of masker filled `{place.database}`: the values of `{table}` are fakes already",
            help="take the call out; or pass `again=True` if rows of people came in since",
            code=_MASKED,
            subject=str(table),
        )

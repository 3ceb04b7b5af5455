"""The sections of a pipeline file: frozen, closed, and described for the reference."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
)

from masker.rules.cron import Cron
from masker.rules.quantities import duration, share, size

Duration = Annotated[timedelta, BeforeValidator(duration)]
Size = Annotated[int, BeforeValidator(size)]
Share = Annotated[float, BeforeValidator(share)]
Count = Annotated[int, Field(ge=1)]
Version = Annotated[Literal[1], BeforeValidator(lambda text: 1 if text == "1" else text)]
Secret = Annotated[str, Field(min_length=1, repr=False)]


def _as_list(written: object) -> object:
    return written if isinstance(written, list) else [written]


def _as_rule(written: object) -> object:
    return {"use": written} if isinstance(written, str) else written


def _as_where(written: object) -> object:
    if isinstance(written, str):
        if written not in {"load", "empty", "exclude"}:
            raise ValueError("is not one of `empty`, `exclude`, `load` and `{where: …}`")
        return {"treatment": written}
    return written


def _as_edge(written: object) -> object:
    # YAML 1.1 readers take `off` for false; ours does not, and people may write either.
    follow = {False: "off", True: "down"}.get(written) if isinstance(written, bool) else written
    return {"follow": follow} if isinstance(follow, str) else follow


def _as_target(written: object) -> object:
    return {"": written} if isinstance(written, str) else written


def _cron(written: str) -> str:
    Cron.parse(written)
    return written


def _zone(written: str) -> str:
    if written not in zoneinfo.available_timezones():
        raise ValueError("is not a time zone such as `Europe/Berlin`")
    return written


def _some(length: timedelta) -> timedelta:
    if not length:
        raise ValueError("is no time at all")
    return length


def _webhook(written: str) -> str:
    if "${" in written:
        return written
    if any(each.isspace() or not each.isprintable() for each in written):
        raise ValueError("is not a URL: a blank or a line break stands in it")
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:  # its text holds a part of the URL, which is a secret
        raise ValueError("is not a URL: its host or port is not written right") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not a URL that begins with https:// or http://")
    if port == 0:
        raise ValueError("is not a URL: its host or port is not written right")
    if parts.username is not None:
        raise ValueError("has a user or password, which is not sent: name a URL that needs none")
    if not f"{parts.path}{parts.query}".isascii():
        raise ValueError("is not a URL: percent-encode what is no ASCII in it")
    return written


class Section(BaseModel):
    """A mapping of the file; it takes its own keys and no others."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=False,
    )


class Limits(Section):
    """How gentle a run is with production."""

    connections: Count | None = None
    """At most this many sessions on the source at one time."""
    rows_per_second: Count | None = None
    """At most this many rows read in a second, over all sessions."""
    max_duration: Duration | None = None
    """A run that reads longer than this stops."""
    max_snapshot_age: Duration | None = None
    """A snapshot held longer than this is given up, since it holds back vacuum."""
    statement_timeout: Duration | None = None
    """For queries of the catalog; never for COPY."""
    lock_timeout: Duration | None = None
    """How long a session waits for a lock."""


class Source(Section):
    """The database read from."""

    url: Secret
    """Where it is; keep the password in the environment: `${SHOP_PRODUCTION_URL}`."""
    schemas: tuple[str, ...] = ()
    """The schemas to read; all but the server's own when left out."""
    limits: Limits = Limits()
    encoding: str | None = None
    """The true encoding of a SQL_ASCII database."""


class Target(Section):
    """The database written to."""

    url: Secret
    """Where it is; keep the password in the environment."""
    mode: Literal["swap", "replace", "append", "upsert"] = "swap"
    """How new data takes the place of old."""
    clear: Literal["delete", "truncate"] = "delete"
    """How `replace` empties tables: with `truncate` nobody can read them until it is done."""
    allow: tuple[
        Literal["same-server", "shared-identity", "production-name", "unmarked-target"], ...
    ] = ()
    """Refusals of the guard that a person lifts, in writing."""
    template: str | None = None
    """An empty database with the extensions that the loading role may not create."""
    structure: Literal["copy", "keep"] = Field(default="copy", alias="schema")
    """Whether tables are made as in the source, or stand there already by migrations."""
    disk: Size | None = None
    """Free space on the target's disk, where it cannot be asked."""


class Rule(Section):
    """A verdict: what happens to a column."""

    use: str
    """`keep`, `review` or the name of a transformer."""
    with_: Mapping[str, Any] = Field(default_factory=dict, alias="with")
    """The transformer's parameters."""
    domain: str | None = Field(default=None, min_length=1)
    """The namespace in which equal values get equal fakes."""
    when: str | None = Field(default=None, min_length=1)
    """A condition in SQL on the original row; other rows go to the next rule that matches."""
    locale: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(_[A-Z][A-Za-z]{1,3})?$")
    """The locale of fakes, instead of the pipeline's."""


ColumnRule = Annotated[Rule, BeforeValidator(_as_rule)]
# A list of rules is tried in order, row by row, by their `when`.
ColumnRules = Annotated[tuple[ColumnRule, ...], BeforeValidator(_as_list), Field(min_length=1)]


class TableRule(Section):
    """What happens to the rows of a table."""

    treatment: Literal["load", "empty", "exclude"] = "load"
    """All rows, none, or not even the table."""
    where: str | None = Field(default=None, min_length=1)
    """A condition in SQL: rows that do not meet it stay in the source."""


TableRules = Annotated[TableRule, BeforeValidator(_as_where)]


class Newest(Section):
    """The rows that are greatest in one column."""

    by: str
    """The column, such as `created_at`."""
    n: Count
    """How many rows."""


class Root(Section):
    """Rows with which a subset begins."""

    table: str
    """The table they are in."""
    where: str | None = Field(default=None, min_length=1)
    """A condition in SQL on them."""
    sample: Share | None = None
    """This share of them, the same rows every night for the same seed."""
    rows: Count | None = None
    """This many of them, chosen by the seed."""
    newest: Newest | None = None
    """Those with the greatest values in a column."""
    stratify: tuple[str, ...] = ()
    """Columns of which every combination of values gives its part of the sample."""
    seed: int = 0
    """The number that makes the sample repeatable."""

    _from_shell: bool = PrivateAttr(default=False)
    _may_be_empty: bool = PrivateAttr(default=False)

    @classmethod
    def of_shell(cls, **facts: object) -> Root:
        """Return a root that was written on the command line, not in the file."""
        made = cls.model_validate(facts)
        made._from_shell = True  # noqa: SLF001 - the constructor of a frozen model takes fields only
        return made

    @classmethod
    def of_nobody(cls, **facts: object) -> Root:
        """Return a root that nobody wrote: one of every table, some of which may be empty."""
        made = cls.of_shell(**facts)
        made._may_be_empty = True  # noqa: SLF001 - as above
        return made

    @property
    def may_be_empty(self) -> bool:
        """Tell whether it is no mistake that it keeps no row: nobody named the table."""
        return self._may_be_empty

    @property
    def from_shell(self) -> bool:
        """Tell whether it was written on the command line."""
        return self._from_shell


class EdgeRule(Section):
    """How children are reached along one foreign key."""

    follow: Literal["off", "down", "always"] = "down"
    """Never; from roots and what was reached downward; from every kept row."""
    max_per_parent: Count | None = None
    """At most this many children of one row along it."""


class Children(Section):
    """How far a subset reaches down."""

    max_per_parent: Count | None = None
    """At most this many children of one row."""
    max_depth: Count | None = None
    """At most this many foreign keys below a root."""
    seed: int = 0
    """The number that chooses which children stay within a limit."""
    edges: Mapping[str, Annotated[EdgeRule, BeforeValidator(_as_edge)]] = Field(
        default_factory=dict
    )
    """Single foreign keys, by table and column: `orders.customer_id: off`."""


class Reference(Section):
    """A reference that the schema does not declare."""

    table: str
    """The table that refers."""
    type: str | None = None
    """The column that says to which table, where there are several."""
    id: Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
    """The column that says to which row, or several."""
    to: Annotated[Mapping[str, str], BeforeValidator(_as_target)]
    """The key referred to, such as `customers.id`; with `type`, one for each of its values."""


class BudgetRule(Section):
    """How large a subset may be; the share of the sampled roots is solved for."""

    rows: Count | None = None
    """So many rows in all."""
    bytes: Size | None = None
    """So much of the source's size."""


class Subset(Section):
    """Which rows, closed under foreign keys."""

    roots: tuple[Root, ...] = Field(min_length=1)
    children: Children = Children()
    references: tuple[Reference, ...] = ()
    unrelated: Literal["all", "none", "sample"] = "none"
    """What becomes of tables that no foreign key ties to a root."""
    lookup_rows: int = Field(default=1000, ge=0)
    """Tables of at most so many rows that others refer to come whole; 0: none does."""
    budget: BudgetRule | None = None
    cover: bool = False
    """Whether rows are added until every label, null pattern and extreme occurs."""


class Fidelity(Section):
    """How much alike the target must be."""

    min: float = Field(ge=0, le=1)
    """From 0, nothing alike, to 1, the same."""


class Audit(Section):
    """What must be proved before publishing."""

    leaks: Literal["fail"] = "fail"
    """A leak always stops the publishing."""
    fidelity: Fidelity | None = None


class Publish(Section):
    """How the new data becomes the one that people see."""

    terminate: bool = True
    """Whether sessions on the target are ended; else publishing waits for them."""
    wait: Duration = timedelta(seconds=60)
    """How long publishing waits for the target's name."""
    keep_previous: int = Field(default=1, ge=0, le=1)
    """Whether the previous copy is kept for `masker rollback`: 1 or 0."""


class Schedule(Section):
    """When `masker schedule` runs the pipeline."""

    cron: Annotated[str, AfterValidator(_cron)]
    """A cron line of five fields: minute, hour, day of the month, month, day of the week."""
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The time zone of the cron line."""
    jitter: Duration = timedelta(0)
    """A run begins up to so much later, drawn at random, so that not all begin at once."""
    catch_up: Duration = timedelta(hours=6)
    """A run that was missed is made up for once, unless it is later than this; 0s: never."""
    retries: int = Field(default=0, ge=0, le=100)
    """How often a run that may try again (exit code 6, or it died) does."""
    back_off: Annotated[Duration, AfterValidator(_some)] = timedelta(minutes=1)
    """How long it waits before the first retry; twice as long before each further one."""
    timeout: Annotated[Duration, AfterValidator(_some)] | None = None
    """A run that has not begun to publish by then is given up, and not tried again."""


End = Literal["failure", "success", "drift", "always"]


class Notice(Section):
    """Whom a run tells of its end."""

    on: Annotated[tuple[End, ...], BeforeValidator(_as_list), Field(min_length=1)] = ("failure",)
    """What is told: one or several; `drift` is a source whose columns have changed."""
    webhook: Annotated[Secret, AfterValidator(_webhook)]
    """The URL that is told; it is a secret: `${OPS_WEBHOOK}` or `${file:…}`."""
    format: Literal["json", "slack"] = "json"
    """What is sent: one JSON object with all facts, or a message for Slack and its like."""

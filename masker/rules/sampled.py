"""A share of everything: `--sample 1%` on the command line."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from masker.catalog import Catalog, Table, TableName
from masker.catalog.links import declared_links
from masker.errors import ConfigError
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Treatment
from masker.rules.quantities import share
from masker.rules.sections import Children, EdgeRule, Root, Subset
from masker.rules.tables import table_verdicts

SMALL = 1000  # rows; as `lookup_rows` has it


def share_of(text: str) -> float:
    """Read a share such as `1%`; ConfigError when it is none."""
    try:
        return share(text)
    except ValueError as wrong:
        raise ConfigError(
            f"`--sample` {wrong}", help="write --sample 1%", code="bad-sample"
        ) from None


def uncounted(pipeline: Pipeline, catalog: Catalog) -> tuple[TableName, ...]:
    """Return the tables whose size decides on their share, and which the server never counted."""
    if pipeline.subset is not None:
        return ()
    return tuple(table.name for table in _loaded(pipeline, catalog) if table.rows is None)


def with_sample(
    pipeline: Pipeline, part: float, catalog: Catalog, *, small: Collection[TableName] = ()
) -> Pipeline:
    """Return the pipeline with this share of its roots, the same rows for the same seed.

    Roots that have a number of rows already keep it. Without roots it is this share of every
    table, small ones whole, and all rows that these refer to; `small` are those of `uncounted`
    that turned out to be.
    """
    if pipeline.subset is None:
        subset = _everything(pipeline, part, catalog, small)
        return pipeline.model_copy(update={"subset": subset})
    roots = tuple(
        root
        if root.rows is not None or root.newest is not None
        else root.model_copy(update={"sample": part})
        for root in pipeline.subset.roots
    )
    subset = pipeline.subset.model_copy(update={"roots": roots})
    return pipeline.model_copy(update={"subset": subset})


def _loaded(pipeline: Pipeline, catalog: Catalog) -> Iterator[Table]:
    verdicts, _ = table_verdicts(pipeline, catalog)
    for table in catalog.tables:
        own = not table.is_partition and table.extension is None
        if own and verdicts[table.name].treatment is Treatment.LOAD:
            yield table


def _everything(
    pipeline: Pipeline, part: float, catalog: Catalog, small: Collection[TableName]
) -> Subset:
    tables = list(_loaded(pipeline, catalog))
    whole = {table.name for table in tables if table.rows is not None and table.rows <= SMALL}
    whole |= set(small)
    roots = tuple(
        Root.of_nobody(table=str(table.name), sample=None if table.name in whole else part)
        for table in tables
    )
    if not roots:
        raise ConfigError("there is no table to sample", code="bad-sample")
    # Children would come with each row of each table: of the largest far more than the share.
    edges = {
        f"{link.table}.{link.columns[0]}": EdgeRule(follow="off")
        for link in declared_links(catalog)
    }
    return Subset(roots=roots, children=Children(edges=edges))

"""Mask one table's batches column by column, and tell what each masked column was before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from masker.errors import DataError
from masker.keys import Keyring
from masker.mask.fit import fitted
from masker.mask.fold import folded
from masker.mask.kin import of_rows
from masker.mask.memory import Memory
from masker.plan.model import Branch, ColumnPlan, Step
from masker.plan.when import meets
from masker.transformers.base import Known, Masked

Decode = Callable[[pl.Series], pl.Series]  # same length, null stays null


@dataclass(frozen=True, slots=True)
class Change:
    """One masked column of one batch, plain values before and after: what evidence is taken of."""

    column: ColumnPlan
    original: pl.Series
    masked: Masked


@dataclass(frozen=True, slots=True)
class MaskedBatch:
    """A batch with its masked columns changed (same height, columns, order), and the changes."""

    frame: pl.DataFrame
    changes: tuple[Change, ...]


class BatchMasker:
    """Mask the batches of one step.

    A batch is a frame of String columns as the engine moves them, in the order of `step.moved`.
    Columns that are kept leave as they came, byte for byte; masked ones leave as plain values.
    """

    def __init__(self, step: Step, *, keys: Keyring, known: Known | None = None) -> None:
        self.step = step if known is None else _knowing(step, known)
        self._keys = keys
        self._memories = {
            column.name: Memory(column.branches[0])
            for column in step.masked
            if len(column.branches) == 1
        }

    def __call__(self, batch: pl.DataFrame, *, decode: Decode | None = None) -> MaskedBatch:
        """Mask a batch.

        `decode` makes plain values of what the engine moves, None where those are the same.
        """
        originals = _Originals(batch, decode)
        changes = tuple(
            Change(column, originals[column.name], self._mask(column, originals))
            for column in self.step.masked
        )
        return MaskedBatch(
            batch.with_columns_seq(each.masked.values.alias(each.column.name) for each in changes),
            changes,
        )

    def _mask(self, column: ColumnPlan, originals: _Originals) -> Masked:
        return mask_column(
            column,
            originals[column.name],
            keys=self._keys,
            originals=originals,
            memory=self._memories.get(column.name),
        )


class _Originals(Mapping[str, pl.Series]):
    """The original values of a batch's columns, decoded when first asked for."""

    def __init__(self, batch: pl.DataFrame, decode: Decode | None) -> None:
        self._batch = batch
        self._decode = decode
        self._decoded: dict[str, pl.Series] = {}

    def __getitem__(self, name: str) -> pl.Series:
        if self._decode is None:
            return self._batch[name]
        if name not in self._decoded:
            self._decoded[name] = self._decode(self._batch[name])
        return self._decoded[name]

    def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204 - Mapping's own signature
        return iter(self._batch.columns)

    def __len__(self) -> int:
        return self._batch.width


def mask_column(
    column: ColumnPlan,
    original: pl.Series,
    *,
    keys: Keyring,
    originals: Mapping[str, pl.Series],
    memory: Memory | None = None,
) -> Masked:
    """Mask one column by its branches; what comes out fits the column, or DataError."""
    masked = memory.mask(original, keys=keys) if memory is not None and memory.pays else None
    if masked is not None:
        pass
    elif len(column.branches) == 1 and column.branches[0].when is None:
        masked = _apply(column.branches[0], original, keys=keys, originals=originals)
    else:
        masked = _choose(column, original, keys=keys, originals=originals)
    values = masked.values
    if values.len() != original.len():
        raise DataError(
            f"`{column.use}` returned {values.len()} values for {original.len()} "
            f"in the column `{column.name}`",
            code="length-changed",
        )
    if column.fold is not None:
        kind = column.column.type.kind
        values = folded(values, column.fold, kind=kind, original=original)
        masked = replace(masked, groups=None)
    return replace(masked, values=fitted(values, column))


def _apply(
    branch: Branch, original: pl.Series, *, keys: Keyring, originals: Mapping[str, pl.Series]
) -> Masked:
    if branch.transformer is None:
        return Masked(original, chance=float(original.len() - original.null_count()))
    kin = branch.transformer.kin()
    needed = {name: originals[name] for name in branch.transformer.needs()}
    needed.update(of_rows(kin, originals))
    return branch.transformer.apply(original, site=branch.site, keys=keys, others=needed)


def _choose(
    column: ColumnPlan,
    original: pl.Series,
    *,
    keys: Keyring,
    originals: Mapping[str, pl.Series],
) -> Masked:
    """Give every row the first branch whose condition it meets; masks only the rows it takes."""
    left = pl.Series(range(original.len()), dtype=pl.UInt32)
    rows: list[pl.Series] = []
    parts: list[pl.Series] = []
    unparsed, chance = 0, 0.0
    shapes: dict[str, int] = {}
    fakes: dict[str, pl.Series] = {}
    for branch in column.branches:
        if branch.when is None:
            taken, left = left, left.clear()
        else:
            met = meets(branch.when, originals).gather(left)
            taken, left = left.filter(met), left.filter(~met)
        here = {name: originals[name].gather(taken) for name in originals}
        masked = _apply(branch, original.gather(taken), keys=keys, originals=here)
        rows.append(taken)
        parts.append(masked.values)
        unparsed += masked.unparsed
        chance += masked.chance
        for shape, count in masked.shapes.items():
            shapes[shape] = shapes.get(shape, 0) + count
        for use, written in masked.fakes.items():
            fakes[use] = pl.concat([fakes.get(use, written.clear()), written])
    if left.len():
        raise DataError(
            f"no branch of the verdict of `{column.name}` takes {left.len()} rows",
            help="end the rules with one without `when:`",
            code="uncovered-rows",
        )
    order = pl.concat(rows).arg_sort()
    return Masked(pl.concat(parts).gather(order), unparsed, shapes, chance, fakes=fakes)


def _knowing(step: Step, known: Known) -> Step:
    """Return a step whose transformers know what the survey of this run found."""
    return replace(
        step,
        columns=tuple(
            replace(
                column,
                branches=tuple(
                    replace(each, transformer=each.transformer.knowing(known))
                    if each.transformer is not None
                    else each
                    for each in column.branches
                ),
            )
            for column in step.columns
        ),
    )

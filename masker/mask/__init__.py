"""Mask batches: columns in, columns out, evidence beside."""

from masker.mask.batch import BatchMasker, MaskedBatch

__all__ = ["BatchMasker", "MaskedBatch"]

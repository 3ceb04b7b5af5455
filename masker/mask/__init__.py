"""Mask batches: columns in, columns out, evidence beside."""

from masker.mask.batch import BatchMasker

__all__ = ["BatchMasker"]

"""Mask batches: columns in, columns out, evidence beside."""

from masker.mask.batch import BatchMasker, Codec

__all__ = ["BatchMasker", "Codec"]

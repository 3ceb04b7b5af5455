"""Transformers: column in, column out. One file each; the list of them stands in `registry`."""

from masker.transformers.base import (
    Masked,
    Param,
    Promises,
    Scope,
    Site,
    Transformer,
    Uniqueness,
)
from masker.transformers.registry import build, describe, get, names, reference

__all__ = [
    "Masked",
    "Param",
    "Promises",
    "Scope",
    "Site",
    "Transformer",
    "Uniqueness",
    "build",
    "describe",
    "get",
    "names",
    "reference",
]

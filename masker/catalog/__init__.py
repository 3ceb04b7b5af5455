"""Tables, columns and keys of one database at one time; the foreign-key graph; drift."""

from masker.catalog.model import (
    Catalog,
    Check,
    Column,
    ForeignKey,
    Key,
    Kind,
    Partitioning,
    Sequence,
    Table,
    TableName,
    Trigger,
    Type,
    View,
)

__all__ = [
    "Catalog",
    "Check",
    "Column",
    "ForeignKey",
    "Key",
    "Kind",
    "Partitioning",
    "Sequence",
    "Table",
    "TableName",
    "Trigger",
    "Type",
    "View",
]

"""Sealed, masked data sets on disk: written whole or not at all, read only as they were sealed."""

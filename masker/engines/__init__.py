"""Kinds of database and the code that speaks to them: one file or folder each."""

"""SQLite: one file, one connection, through the standard library."""

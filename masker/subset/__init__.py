"""Which rows are kept: roots, and all that foreign keys need; rows by number, never a join."""

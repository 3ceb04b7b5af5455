"""Load into PostgreSQL: a new database beside the target, exchanged by name."""

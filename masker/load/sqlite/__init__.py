"""Load into SQLite: a new file beside the target, which takes its name."""

"""Keep non-production databases full of data that looks like production and belongs to nobody."""

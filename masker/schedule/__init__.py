"""The worker that runs pipelines when they are due, and tells how it went."""

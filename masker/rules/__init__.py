"""Which verdict for which column: the language of pipelines and packs, and the policy."""

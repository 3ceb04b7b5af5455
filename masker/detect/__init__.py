"""Detectors: one file per way of finding personal data. They propose, the policy decides."""

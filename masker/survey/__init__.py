"""Look over columns of the source before masking: samples of their values, in one snapshot."""

from masker.survey.sample import ROWS, SECONDS, Sample, Sampler, power

__all__ = ["ROWS", "SECONDS", "Sample", "Sampler", "power"]

"""Look over columns of the source before masking, in one snapshot: samples, and known values."""

from masker.survey.known import KnownPrints, KnownValues, gather, survey
from masker.survey.sample import ROWS, SECONDS, Sample, Sampler, power

__all__ = [
    "ROWS",
    "SECONDS",
    "KnownPrints",
    "KnownValues",
    "Sample",
    "Sampler",
    "gather",
    "power",
    "survey",
]

"""Presidio's recognizers, offline and quiet. Its only door: nothing outside imports Presidio.

The modules in here import it at their top, so only `Detector` imports them, when it is made.
"""

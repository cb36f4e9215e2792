"""Replaces itself by the fastest extension that this machine runs (see choice.py)."""

import sys

from .choice import load_core

sys.modules[__name__] = load_core(__name__)

"""Replaces itself by the extension, in the build that runs best here (see choice.py)."""

import sys

from .choice import load_core

sys.modules[__name__] = load_core(__name__)

"""Observations of a person and known quantities, the input of a fit."""

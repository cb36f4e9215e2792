"""Drawings, plots, pages and recordings of results."""

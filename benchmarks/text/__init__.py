"""Sentences and plots of docs/benchmarks.md."""

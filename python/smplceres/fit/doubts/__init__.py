"""What cannot be right about the inputs of a fit: cheap signs, then tests of hypotheses."""

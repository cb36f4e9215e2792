"""Reading and writing files: limits, one kind of error, and no half-written file."""

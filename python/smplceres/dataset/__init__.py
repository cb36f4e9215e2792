"""Data sets: fits of millions of rows in Parquet files, on one machine or many.

What can fail is a unit, a part of a row group of an input file whose output is one file of a name
that follows from it. That file is there whole or not at all, and a unit whose file is there is not
fitted again: so engines may call a unit any number of times, and a stopped run continues.
"""

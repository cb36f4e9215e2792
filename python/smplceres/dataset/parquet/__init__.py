"""Everything that reads or writes Parquet; importing these modules needs pyarrow."""

"""Reading archives, pickles and TOML."""

"""The commands of `smplceres`, a module for each."""

"""Bodies as other programs estimate them."""

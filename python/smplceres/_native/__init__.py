"""The compiled cores, and the choice among them."""

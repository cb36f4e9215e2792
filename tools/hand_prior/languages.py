"""Sign languages that nothing is learned from: hands and faces to try on."""

HELD_OUT = ("cse", "gss", "svk", "ukl")

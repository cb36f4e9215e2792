"""Pictures of people of whom the truth is known, and how far fits are from it."""

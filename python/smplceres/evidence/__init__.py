"""What was measured of a person and what is known, as a fit takes it."""

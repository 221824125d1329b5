"""What a run writes down, and the one-file HTML report made of it."""

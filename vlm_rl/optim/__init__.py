"""Learning: batches of scored responses, losses, and the optimizer that is reset every iteration."""

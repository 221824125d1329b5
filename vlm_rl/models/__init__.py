"""The policy: a vision encoder, a projector and a language model, as one transformers checkpoint."""

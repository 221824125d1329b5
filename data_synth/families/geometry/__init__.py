"""Angles, lengths, solids and motions of figures."""

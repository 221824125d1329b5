"""Shapes laid out at random: to count, edit, relate, query and stack."""

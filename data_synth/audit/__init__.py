"""The audit: uniqueness, blind guessing, second solvers, verifiers under attack, traces, legibility and time."""

from data_synth.audit.bounds import BOUNDS, Bound, Finding, broken
from data_synth.audit.run import audit, audit_cell

__all__ = ["BOUNDS", "Bound", "Finding", "audit", "audit_cell", "broken"]

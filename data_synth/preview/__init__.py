"""The preview: contact sheets and pages that show what the families ask."""

from data_synth.preview.run import write_preview

__all__ = ["write_preview"]

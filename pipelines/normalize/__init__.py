"""Cells → figures: which form, which row, which column, which value; and who reports for which year."""

from pipelines.normalize.stage import STAGE, normalize_batch

__all__ = ["STAGE", "normalize_batch"]

"""Laid-out pages, whatever drew them (PDF, OFD, a scan): placed characters and lines become text and tables."""

"""Tests of the project, mirroring its rooms."""

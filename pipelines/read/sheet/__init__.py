"""Spreadsheets: one table a visible sheet, with the figures as the sheet shows them."""

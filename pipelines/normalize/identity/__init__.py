"""Who reports for which year: agencies, titles, and the evidence for both."""

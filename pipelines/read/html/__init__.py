"""HTML pages: what a browser shows of them, as titles, lines and tables."""

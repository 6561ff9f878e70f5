"""The explorer: pages in the browser over the published warehouse, for looking and for taking along."""

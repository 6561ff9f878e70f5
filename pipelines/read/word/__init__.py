"""Word documents and their relatives: each becomes WordprocessingML, and that is read in one place."""

"""RTF: interpreted once and rewritten as WordprocessingML."""

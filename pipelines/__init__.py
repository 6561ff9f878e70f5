"""From raw documents to the warehouse: one package a stage, each importing only earlier ones."""

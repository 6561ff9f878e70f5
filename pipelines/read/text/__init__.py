"""Plain text, Markdown and what converters write: the shapes in which lines hold tables."""

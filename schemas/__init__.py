"""What a report contains and what a table must satisfy: knowledge without input, output or mechanism.

Nothing in this package imports `pipelines` or opens a raw file. Everything an editor would want to change (form
editions, label variants, table and column definitions, rules) is a TOML data file beside a small typed loader.
"""

"""Dagster's room: thin assets over the stages, checks, jobs, schedules and the sensor.

Nothing else imports Dagster. Modules here do without postponed annotations, because they break Dagster's recognition of
an annotated `context`. The package itself imports nothing, so that the command can look in without paying for Dagster.
"""

"""What `dagster dev` and the daemon load: the graph over the project's folders, or over those the environment names."""

from pipelines.orchestrate.definitions import build_definitions
from pipelines.orchestrate.interrupts import take_interrupts_quietly
from pipelines.orchestrate.project import open_project

take_interrupts_quietly()  # every run has a process of its own, which loads this
definitions = build_definitions(open_project().workspace)

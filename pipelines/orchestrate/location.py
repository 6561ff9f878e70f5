"""What `dagster dev` and the daemon load: the graph over the project's folders, or over those the environment names."""

from pipelines.orchestrate.definitions import build_definitions
from pipelines.orchestrate.project import open_project

definitions = build_definitions(open_project().workspace)

"""The inventory of raw files: what is there, what is each one's hash, and why it is not read where it is not."""

from pipelines.ingest.inventory import take_inventory, update_inventory
from pipelines.ingest.names import printable_name, raw_bytes
from pipelines.ingest.raw import read_raw_file
from pipelines.staging import list_partitions

__all__ = [
    "list_partitions",
    "printable_name",
    "raw_bytes",
    "read_raw_file",
    "take_inventory",
    "update_inventory",
]

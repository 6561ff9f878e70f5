"""Damage to a file's bytes, for the readers to survive."""

from hypothesis import strategies as st

EDITS = st.lists(st.tuples(st.floats(0, 0.999999), st.binary(min_size=1, max_size=8)), max_size=8)
"""Where in a file, as a share of it, which bytes are written over."""


def edit(data: bytes, edits: list[tuple[float, bytes]]) -> bytes:
    """Return `data` with the edits made one after another; it may grow at its end."""
    edited = bytearray(data)
    for share, replacement in edits:
        place = int(share * len(edited))
        edited[place : place + len(replacement)] = replacement
    return bytes(edited)

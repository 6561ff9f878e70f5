"""The colour table of RTF, as its words come."""

PRIMARY = ("red", "green", "blue")


class Colours:
    """Colours by their number; the first says nothing and is the program's own."""

    def __init__(self) -> None:
        self._entered: list[str | None] = []
        self._next: dict[str, int] = {}

    def mix(self, primary: str, share: int) -> None:
        """Take a share, from 0 to 255, of the colour that comes next."""
        self._next[primary] = min(max(share, 0), 255)

    def end(self, count: int) -> None:
        """Enter the next colour, and as many more that say nothing."""
        for _ in range(count):
            mixed = bytes(self._next.get(name, 0) for name in PRIMARY).hex().upper() if self._next else None
            self._entered.append(mixed)
            self._next = {}

    def get(self, number: int | None) -> str | None:
        """Return a colour, None where none is said."""
        return self._entered[number] if number is not None and 0 <= number < len(self._entered) else None

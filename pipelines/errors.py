"""The one small tree of exceptions that the project raises, and how an error is said in one line."""


class GongkaiError(Exception):
    """Base of everything the project raises on purpose; the message says what was found, where, and what to do."""


class UsageError(GongkaiError):
    """The user asked for something that cannot be done: a missing folder, a wrong flag. Shown in one line."""


class DocumentError(GongkaiError):
    """A document cannot be read; its file is rejected with `reason_code` and the run goes on.

    Attributes:
        reason_code: A code of `schemas/reasons.toml`.
    """

    def __init__(self, reason_code: str, message: str) -> None:
        super().__init__(message)
        self.reason_code = reason_code


class WarehouseError(GongkaiError):
    """The warehouse cannot be built or published; the one in place stays untouched."""


class FetchError(GongkaiError):
    """An address could not be fetched; it is noted with `reason_code` and the run goes on.

    Attributes:
        reason_code: A value of `schemas.vocabulary.FetchReason`.
    """

    def __init__(self, reason_code: str, message: str) -> None:
        super().__init__(message)
        self.reason_code = reason_code


# What moves the cursor, gives a terminal commands or turns the line round: names and labels come from strangers.
_COMMANDS = {
    code: None
    for first, last in ((0, 8), (11, 31), (127, 159), (0x202A, 0x202E), (0x2066, 0x2069))
    for code in range(first, last + 1)
}


def make_harmless(text: str) -> str:
    r"""Return a text for a terminal without the characters that are commands to it; none of them takes a place.

    >>> make_harmless("年报\x1b[2J\n\t\u202e1")
    '年报[2J\n\t1'
    """
    return text.translate(_COMMANDS)


def one_line(error: BaseException) -> str:
    """Return an error's message on one line, or its kind where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__

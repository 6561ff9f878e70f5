"""PDFium's functions with their arguments as they are: a page asks for some ten thousand answers of a few bytes.

The wrapper's own declarations check and wrap every argument of every call, which takes longer than most answers. Here
nothing is declared of them: what is known by a `Handle` and where an answer is written are made once and passed on, and
all other arguments are whole numbers of 32 bits. The interpreter's lock is kept, so this is for functions that return
at once.
"""

import ctypes
from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Any

_POINTER = type(ctypes.POINTER(ctypes.c_int))


class Handle(ctypes.c_void_p):
    """What PDFium knows a page, its text or something drawn by; false where there is none."""


def prepare(function: Any) -> Callable[..., Any]:  # noqa: ANN401 - ctypes gives its functions no type
    """Return one of the wrapper's functions, taking and returning pointers as handles."""
    return _undeclared(function, Handle if isinstance(function.restype, _POINTER) else function.restype)


def prepare_address(function: Any) -> Callable[..., int | None]:  # noqa: ANN401 - as above
    """Return one of the wrapper's functions, taking handles and returning a pointer as its address."""
    return _undeclared(function, ctypes.c_void_p)


def _undeclared(function: Any, result: Any) -> Callable[..., Any]:  # noqa: ANN401 - as above
    address = ctypes.cast(function, ctypes.c_void_p).value
    if address is None:
        raise ImportError(f"{function.__name__} is missing in the installed PDFium: install the pinned pypdfium2")
    return ctypes.PYFUNCTYPE(result)(address)


def handle_of(pointer: Any) -> Handle:  # noqa: ANN401 - the wrapper's pointers share no type
    """Return the handle of what one of the wrapper's own pointers points at."""
    return Handle(ctypes.addressof(pointer.contents))


class Answer:
    """Memory into which PDFium writes so many numbers of one kind.

    Attributes:
        places: Where each of them stands, as an argument.
        read: Returns them.

    >>> Answer("f", 3).read()
    (0.0, 0.0, 0.0)
    """

    __slots__ = ("_memory", "places", "read")

    def __init__(self, kind: str, count: int) -> None:
        """Make room.

        Args:
            kind: Of the numbers, as `struct` calls it.
            count: How many.
        """
        layout = Struct(f"{count}{kind}")
        self._memory = bytearray(layout.size)
        first = (ctypes.c_char * layout.size).from_buffer(self._memory)
        self.places = tuple(ctypes.byref(first, number * (layout.size // count)) for number in range(count))
        self.read: Callable[[], tuple[Any, ...]] = partial(layout.unpack_from, self._memory)

"""PDFium's functions with their arguments converted once: a page asks for some ten thousand answers of a few bytes.

The wrapper's own declarations check and wrap every pointer of every call, which takes longer than most answers. Here a
pointer is a plain address, and what PDFium writes is unpacked at once. The interpreter's lock is kept, so this is for
functions that return at once.
"""

import ctypes
from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Any

_POINTER = type(ctypes.POINTER(ctypes.c_int))


def prepare(function: Any) -> Callable[..., Any]:  # noqa: ANN401 - ctypes gives its functions no type
    """Return one of the wrapper's functions, taking and returning pointers as addresses; a null pointer is None."""
    result, *arguments = (
        ctypes.c_void_p if isinstance(kind, _POINTER) else kind for kind in (function.restype, *function.argtypes)
    )
    address = ctypes.cast(function, ctypes.c_void_p).value
    if address is None:
        raise ImportError(f"{function.__name__} is missing in the installed PDFium: install the pinned pypdfium2")
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


def address_of(pointer: Any) -> int:  # noqa: ANN401 - the wrapper's pointers share no type
    """Return the address of what one of the wrapper's own pointers points at."""
    return ctypes.addressof(pointer.contents)


class Answer:
    """Memory into which PDFium writes so many numbers of one kind.

    Attributes:
        addresses: Where each of them stands.
        read: Returns them.

    >>> Answer("f", 3).read()
    (0.0, 0.0, 0.0)
    """

    __slots__ = ("_memory", "addresses", "read")

    def __init__(self, kind: str, count: int) -> None:
        """Make room.

        Args:
            kind: Of the numbers, as `struct` calls it.
            count: How many.
        """
        layout = Struct(f"{count}{kind}")
        self._memory = bytearray(layout.size)
        first = ctypes.addressof((ctypes.c_char * layout.size).from_buffer(self._memory))
        self.addresses = tuple(first + number * (layout.size // count) for number in range(count))
        self.read: Callable[[], tuple[Any, ...]] = partial(layout.unpack_from, self._memory)

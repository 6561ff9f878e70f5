"""The recognition model: pictures of single lines to characters, each with its place and how sure the model is.

Only the model's file is taken from rapidocr (PP-OCRv6, recognition): it lies inside the wheel, so nothing is fetched.
It runs on one thread, which makes its answers the same on every run, and in batches of bounded size.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from pipelines.errors import DocumentError
from pipelines.read.scan.picture import Grey

_MODEL = "models/PP-OCRv6_rec_small.onnx"
_HEIGHT = 48  # pixels: what the model was trained on
_STEP = 8  # pixels of one step of its answer
_NARROWEST, _WIDEST = 48, 3_200  # pixels
_BATCH_PIXELS = 4_096  # pixels of width in one batch: 40 MB of answers


@dataclass(frozen=True, slots=True)
class Seen:
    """One recognised character.

    Attributes:
        place: Of its middle, as a share of the line's width.
        score: The model's probability, 0 to 1.
    """

    text: str
    place: float
    score: float


class RecognitionModel:
    """The loaded model with its alphabet."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(_locate_model()), options, ["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        alphabet = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._alphabet = ["", *alphabet, " "]

    def recognise(self, lines: Sequence[Grey]) -> list[list[Seen]]:
        """Return the characters of each line's picture, from left to right."""
        found: list[list[Seen]] = [[] for _ in lines]
        for batch in _batches([_width_of(line) for line in lines]):
            widest = max(width for _, width in batch)
            pictures: Grey = np.zeros((len(batch), 3, _HEIGHT, widest), np.float32)
            for place, (number, width) in enumerate(batch):
                scaled = cv2.resize(lines[number], (width, _HEIGHT), interpolation=cv2.INTER_LINEAR)
                pictures[place, :, :, :width] = scaled.astype(np.float32) / 127.5 - 1
            answers = self._session.run(None, {self._input: pictures})[0]
            for answer, (number, width) in zip(answers, batch, strict=True):
                found[number] = list(self._decode(answer, width))
        return found

    def _decode(self, answer: Grey, width: int) -> Iterator[Seen]:
        """Yield the characters of one answer: steps that name the same one are one, nameless steps part them."""
        best = answer.argmax(axis=1)
        scores = answer[np.arange(len(best)), best]
        start = 0
        for end in range(1, len(best) + 1):
            if end < len(best) and best[end] == best[start]:
                continue
            if best[start]:
                place = (start + end) / 2 * _STEP / width
                yield Seen(self._alphabet[best[start]], min(place, 1.0), float(scores[start:end].max()))
            start = end


@cache
def load_model() -> RecognitionModel:
    """Return the model, loaded once a process."""
    return RecognitionModel()


def _locate_model() -> Path:
    """Return the model's file.

    Raises:
        DocumentError: unsupported_format, rapidocr is absent or holds another model.
    """
    package = find_spec("rapidocr")
    path = Path(package.origin or "").parent / _MODEL if package else Path(_MODEL)
    if not path.is_file():
        message = f"text recognition needs rapidocr's {_MODEL}, which is not there: install the extra `ocr` anew"
        raise DocumentError("unsupported_format", message)
    return path


def _width_of(line: Grey) -> int:
    height, width = line.shape
    return int(min(max(round(width * _HEIGHT / height), _NARROWEST), _WIDEST))


def _batches(widths: Iterable[int]) -> Iterator[list[tuple[int, int]]]:
    """Yield groups of (number, width) of like width, none larger than memory allows."""
    batch: list[tuple[int, int]] = []
    for number, width in sorted(enumerate(widths), key=lambda entry: (entry[1], entry[0])):
        if batch and (len(batch) + 1) * width > _BATCH_PIXELS:
            yield batch
            batch = []
        batch.append((number, width))
    if batch:
        yield batch

"""What a picture shows, as finely as an eye can see it: one more report among ten thousand moves no pixel."""

import math
from collections.abc import Iterable

import polars as pl

HEIGHT = 180  # of a picture's field, in pixels
PER_CENT = 0.01  # finest share that a square shows, by its shade and by its number


def round_shares(shares: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Return stacked counts of which every bound stands at a whole step, and a step is at most a pixel.

    Rounded are the bounds and not the counts: what adds up to the same height before does so after.

    Args:
        shares: Any columns, and `names`.
        names: Columns of counts, from the ground up.

    >>> frame = pl.DataFrame({"year": [2021, 2022], "sound": [801, 799], "broken": [200, 201]})
    >>> round_shares(frame, ["sound", "broken"]).rows()
    [(2021, 800.0, 200.0), (2022, 800.0, 200.0)]
    """
    names = list(names)
    bounds = [pl.sum_horizontal(names[: place + 1]) for place in range(len(names))]
    step = _step(shares.select(bounds[-1].max()).item())
    at = [(bound / step).round() * step for bound in bounds]
    return shares.with_columns(
        (upper - lower).alias(name) for name, lower, upper in zip(names, [pl.lit(0.0), *at], at, strict=False)
    )


def round_rates(rates: pl.DataFrame) -> pl.DataFrame:
    """Return the same with `rate` at whole steps of at most a pixel.

    >>> round_rates(pl.DataFrame({"year": [2021, 2022], "rate": [0.5, 0.01234]}))["rate"].to_list()
    [0.5, 0.012]
    """
    step = _step(rates["rate"].max())
    return rates.with_columns((pl.col("rate") / step).round() * step)


def _step(largest: object) -> float:
    """Return the largest of 1, 2, 5, 10, … that is no more than a pixel where `largest` has the whole height.

    Were it the pixel itself, all would move whenever the largest does.
    """
    pixel = float(str(largest or 0)) / HEIGHT
    if pixel <= 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(pixel))
    return max(step * decade for step in (1, 2, 5) if step * decade <= pixel)

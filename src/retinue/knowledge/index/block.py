"""Some consecutive rows of codes."""

import numpy as np

from retinue.knowledge.index.codes import Codes

BLOCK_ROWS = 65_536


class Block:
    """Rows, with room for more; room grows by half, for most stores are small."""

    def __init__(self, codes: Codes) -> None:
        self.used = len(codes)
        self.file = 0
        """Where its values were saved, which change no more once it is full; 0: nowhere."""
        self._codes = codes
        self._alive = int(np.count_nonzero(~np.isnan(codes.scales)))

    @property
    def nbytes(self) -> int:
        return self._codes.values.nbytes + self._codes.scales.nbytes

    @property
    def full(self) -> bool:
        return self.used == BLOCK_ROWS

    @property
    def spent(self) -> bool:
        """Whether nothing of it will ever be found any more."""
        return self.full and not self._alive

    @property
    def codes(self) -> Codes:
        return self._codes[: self.used]

    def add(self, codes: Codes) -> None:
        end = self.used + len(codes)
        if end > len(self._codes):
            self._grow(min(max(end, len(self._codes) * 3 // 2), BLOCK_ROWS))
        self._codes.values[self.used : end] = codes.values
        self._codes.scales[self.used : end] = codes.scales
        self.used = end
        self._alive += len(codes)

    def kill(self, start: int, stop: int) -> None:
        """Make rows like nothing at all."""
        scales = self._codes.scales[start:stop]
        self._alive -= int(np.count_nonzero(~np.isnan(scales)))
        scales[:] = np.nan

    def _grow(self, rows: int) -> None:
        larger = empty(rows, self._codes.values.shape[1])
        larger.values[: self.used] = self._codes.values[: self.used]
        larger.scales[: self.used] = self._codes.scales[: self.used]
        self._codes = larger


def empty(rows: int, dimensions: int) -> Codes:
    """Return room for so many rows."""
    return Codes(values=np.empty((rows, dimensions), np.int8), scales=np.empty(rows, np.float32))

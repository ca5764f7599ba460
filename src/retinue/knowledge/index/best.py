"""The best of many rows, offered piece by piece."""

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.index.codes import Similarities


class Best:
    """Keeps the `count` rows with the highest scores; of equal ones those that were offered first."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._rows = np.empty(0, np.int64)
        self._scores = np.empty(0, np.float32)
        self._floor = -np.inf

    def offer(self, rows: NDArray[np.int64] | int, scores: Similarities) -> None:
        """Look at some rows, given as an array or by the first one's number; a score of NaN is never taken."""
        places = np.flatnonzero(scores > self._floor)
        if len(places):
            numbers = places + rows if isinstance(rows, int) else rows[places]
            self._keep(np.concatenate((self._rows, numbers)), np.concatenate((self._scores, scores[places])))

    def rows(self) -> NDArray[np.int64]:
        """Return the rows that were kept, the best first."""
        return self._rows[np.argsort(-self._scores, kind="stable")[: self._count]]

    def _keep(self, rows: NDArray[np.int64], scores: Similarities) -> None:
        if len(rows) > self._count:
            self._floor = float(np.partition(scores, -self._count)[-self._count])
            above, level = np.flatnonzero(scores > self._floor), np.flatnonzero(scores == self._floor)
            kept = np.sort(np.concatenate((above, level[: self._count - len(above)])))
            rows, scores = rows[kept], scores[kept]
        self._rows, self._scores = rows, scores

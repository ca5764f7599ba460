"""all-MiniLM-L6-v2 on this machine's processor, as `scripts/minilm.py` made it.

Run by its path, this is a program that embeds what it reads: a line with a JSON array of texts in, their vectors out.
It imports nothing of the house, so that such a process holds the model and little else.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

MODEL = "all-MiniLM-L6-v2"
DIMENSIONS = 384
FOLDER = Path(__file__).with_name("all_minilm_l6_v2")

_TOKENS = 510  # at once, beside the two that every text begins and ends with
_CHARACTERS = 100_000  # that are cut into tokens at once: a token's record is some hundred times its text
_QUERY_CHARACTERS = 8_192  # more than its tokens have in any language; a word without an end may be cut
_NICENESS = 10  # answers to people go before


class MiniLM:
    """The model in memory. Any number of threads may ask it side by side.

    A text's vector depends on nothing but the text: each has a run of its own on one thread, which is also fastest
    where there are texts for every core.
    """

    def __init__(self) -> None:
        from onnxruntime import InferenceSession, SessionOptions  # optional, as the next two are
        from tokenizers import Tokenizer

        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # both keep memory, and save no time
        self._session = InferenceSession(FOLDER / "model.onnx", options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._first, self._last = self._tokenizer.encode("").ids

    def passage(self, text: str) -> bytes:
        """Return its vector of length 1, as little-endian float16."""
        return bytes(self._vector(text).astype("<f2"))

    def query(self, text: str) -> bytes:
        """Return its vector of length 1, as little-endian float32; what is behind its first 510 tokens says nothing."""
        return bytes(self._run(next(self._parts(text[:_QUERY_CHARACTERS]))).astype("<f4"))

    def _vector(self, text: str) -> Any:
        """Return the vector; of a text that is longer than the model reads at once, the mean of its parts."""
        parts = [(len(tokens), self._run(tokens)) for tokens in self._parts(text)]
        if len(parts) == 1:
            return parts[0][1]
        mean = sum(count * vector for count, vector in parts)
        return mean / (mean @ mean) ** 0.5

    def _parts(self, text: str) -> Iterator[list[int]]:
        for start in range(0, len(text) or 1, _CHARACTERS):
            readable = (
                text[start : start + _CHARACTERS].encode(errors="replace").decode()
            )  # without half surrogate pairs
            tokens = self._tokenizer.encode(readable, add_special_tokens=False).ids
            for begin in range(0, len(tokens) or 1, _TOKENS):
                yield [self._first, *tokens[begin : begin + _TOKENS], self._last]

    def _run(self, tokens: list[int]) -> Any:
        from numpy import array  # optional

        return self._session.run(None, {"tokens": array([tokens])})[0][0]


def serve(threads: int) -> None:
    """Say with an empty line that the model is loaded, then answer every line until there are no more."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    model = MiniLM()
    _write(b"\n")
    with ThreadPoolExecutor(threads) as pool:
        for line in sys.stdin.buffer:
            _write(b"".join(pool.map(model.passage, json.loads(line))))


def _write(answer: bytes) -> None:
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # nobody is left to read the answer
        serve(int(sys.argv[1]))

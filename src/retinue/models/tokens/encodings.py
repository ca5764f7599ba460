"""Byte-pair encodings: which one a model has, and their ranks, loaded when the first text is counted."""

import threading
from binascii import a2b_base64
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, Protocol

EncodingName = Literal["cl100k_base", "o200k_base"]

USUAL: EncodingName = "o200k_base"
"""Counts for the models whose own encoding nobody ships; most have vocabularies of about its size."""

_RANKS = Path(__file__).with_name("ranks")
_LINES = 4_000  # of a file of ranks that are read at a time: some 3 ms in which no other thread runs

# How a text is cut before its bytes are paired: https://github.com/openai/tiktoken, tiktoken_ext/openai_public.py.
_CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_CUTS: dict[EncodingName, str] = {
    "cl100k_base": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$"
    r"|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k_base": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + _CONTRACTION + "|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + _CONTRACTION + "|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}

_SHIPPED: dict[str, EncodingName] = {
    "cl100k_base": "cl100k_base",
    "o200k_base": "o200k_base",
    "o200k_harmony": "o200k_base",  # differs in its special tokens alone, which no text comes to
}

_MODELS = 1_024  # names that are remembered; callers make them up

_loading = threading.Lock()


class Encoding(Protocol):
    """What is used of a `tiktoken.Encoding`."""

    def encode_ordinary(self, text: str) -> list[int]:
        """Return the text's tokens, none of them special. Other threads run meanwhile."""
        ...


@lru_cache(_MODELS)
def own_encoding(model: str) -> EncodingName | None:
    """Return the encoding that a model is known to have, by tiktoken's table; None for all others."""
    # Here and not at the top: the import takes 30 ms, and a server whose providers report usage needs none of it.
    from tiktoken.model import encoding_name_for_model

    try:
        return _SHIPPED.get(encoding_name_for_model(model.rpartition("/")[2].lower()))
    except KeyError:
        return None


def load(name: EncodingName) -> Encoding:
    """Return an encoding, the same one every time.

    The first time takes 0.3 s and 50 MB (o200k_base), two thirds of it with no other thread running: not for the
    event loop.
    """
    with _loading:
        return _load(name)


@cache
def _load(name: EncodingName) -> Encoding:
    import tiktoken  # see own_encoding

    ranks = _ranks(name)
    encoding = tiktoken.Encoding(name, pat_str=_CUTS[name], mergeable_ranks=ranks, special_tokens={})
    # The encoding has made a table of its own from them, and asks for them only when it is pickled: 25 MB.
    ranks.clear()
    return encoding


def _ranks(name: EncodingName) -> dict[bytes, int]:
    """Return each token's rank, from lines of a token in base64 and its rank."""
    words = (_RANKS / f"{name}.tiktoken").read_bytes().split()
    ranks: dict[bytes, int] = {}
    for start in range(0, len(words), 2 * _LINES):
        some = words[start : start + 2 * _LINES]
        ranks.update(zip(map(a2b_base64, some[::2]), map(int, some[1::2]), strict=True))
    return ranks

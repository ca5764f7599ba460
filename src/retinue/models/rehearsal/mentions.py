"""Mentions: the things that a text names, from which arguments are filled."""

import re
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from retinue.models.rehearsal import dates
from retinue.models.rehearsal.words import STOP_WORDS, text_stems, word_set

_LONGEST = 8_000  # characters that are looked at; requests name their things in fewer

_MOST = 200  # things of one sort

_QUOTED = re.compile(r"\"([^\"\n]+)\"|“([^“”\n]+)”|(?<!\w)'([^'\n]+)'(?!\w)|`([^`\n]+)`")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s\"'<>]*[^\s\"'<>.,;:!?)]")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w.#])#[\w-]*\w|(?<![\w.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])\w[\w-]*\w")
_NUMBER = re.compile(r"(?<![\w.-])-?\d{1,30}(?:,\d{3}){0,9}(?:\.\d{1,30})?(?![\w-]*\d|\.\d)")
_CAPITALISED = r"(?<!\w)[A-ZÀ-ÖØ-Þ][\w'’-]*"
_NAME = (
    rf"{_CAPITALISED}(?:[ \t]+(?:(?:of|de|la|del|von|van|der|the|du)[ \t]+)?{_CAPITALISED})*(?:,[ \t]+[A-Z]{{2}}\b)?"
)
_CONJUNCTION = re.compile(r",?[ \t]+(?:and|or|vs\.?|versus)[ \t]+|[ \t]*&[ \t]*")
_CHAIN = re.compile(rf"{_NAME}(?:(?:{_CONJUNCTION.pattern}|[ \t]*,[ \t]*){_NAME})*")
_STATE = re.compile(r",[ \t]+(?=[A-Z]{2}\b)")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n])[\W_]*$")
_LEAD = re.compile(r"(\w+)\s+(?:the\s+)?$")
_PLAIN_PLACE = re.compile(r"\b(?:in|at|near|for|around)\s+(?:the\s+)?([^\W\d_]+(?:[\s,]+[^\W\d_]+)*)")
_NEAR = 30  # characters before and after a thing that tell what it is

_PLACE_LEADS = word_set("in at near for from to of between around towards into on")
_CARRIERS = frozenset({"and", "or"})
_OPENERS = STOP_WORDS | word_set(
    "add book calculate call check compare compute convert create delete describe draft email explain fetch find "
    "get hello help hey hi list look make order open plan play plot query read remind remove report run schedule "
    "search send set show start stop summarise summarize thanks translate try turn update weather write good is i "
    "i'm i've i'd what's how's where's who's it's let's remember answer reply say use using after before during "
    "first next finally also again meet invite greet introduce buy sell pay visit fly drive travel move copy "
    "rename save close cancel change switch forecast temperature monday tuesday wednesday thursday friday "
    "saturday sunday january february march april june july august september october november december celsius "
    "fahrenheit kelvin json yes no ok okay "
)
"""Words that may bear a capital without being a name."""


class Number(Struct, frozen=True, kw_only=True):
    """A number and the words around it, which tell what it counts."""

    value: int | float
    around: frozenset[str]


class Mentions(Struct, frozen=True, kw_only=True):
    """What one text names, each sort in the text's order."""

    text: str
    quoted: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    uuids: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    """Words with digits in them, such as order numbers."""
    numbers: tuple[Number, ...] = ()
    days: tuple[dates.Day, ...] = ()
    times: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """The names that stand where places do; lower-case words where there is none."""
    led: dict[str, str] = {}
    """For words such as `from`, `to` and `called`: the first name that stands right behind it."""


def find(text: str) -> Mentions:
    """Return what the text names."""
    text = text[:_LONGEST]
    quoted, rest = _take(_QUOTED, text)
    emails, rest = _take(_EMAIL, rest)
    urls, rest = _take(_URL, rest)
    uuids, rest = _take(_UUID, rest)
    days, rest = dates.days(rest)
    times, rest = dates.times(rest)
    codes, _ = _take(_CODE, rest)
    names = _names(rest)[:_MOST]
    return Mentions(
        text=text,
        quoted=quoted,
        emails=emails,
        urls=urls,
        uuids=uuids,
        codes=tuple(code.lstrip("#") for code in codes),
        numbers=tuple(_number(rest, found) for found in islice(_NUMBER.finditer(rest), _MOST)),
        days=days[:_MOST],
        times=times[:_MOST],
        names=tuple(name.name for name in names),
        places=_places(names) or _plain_places(rest),
        led={name.lead: name.name for name in reversed(names)},
    )


def _take(pattern: re.Pattern[str], text: str) -> tuple[tuple[str, ...], str]:
    """Return what the pattern finds, and the text with spaces in its place: positions stay as they are."""
    found = tuple(next((group for group in m.groups() if group), m[0]) for m in pattern.finditer(text))
    return found[:_MOST], pattern.sub(lambda m: " " * len(m[0]), text) if found else text


def _number(text: str, found: re.Match[str]) -> Number:
    written = found[0].replace(",", "")
    before = text_stems(text[max(found.start() - _NEAR, 0) : found.start()])[-2:]
    after = text_stems(text[found.end() : found.end() + _NEAR])[:2]
    return Number(value=float(written) if "." in written else int(written), around=frozenset(before + after))


class _Name(Struct, frozen=True, kw_only=True):
    name: str
    lead: str
    """The word before it, in lower case."""
    placed: bool
    """Whether it stands where places do."""
    doubtful: bool
    """Whether it may be any word, with a capital for beginning a sentence."""


def _names(text: str) -> list[_Name]:
    names: list[_Name] = []
    for chain in _CHAIN.finditer(text):
        before = text[max(chain.start() - _NEAR, 0) : chain.start()]
        lead = _LEAD.search(before)
        initial = " " not in chain[0] and bool(_SENTENCE_START.search(before))
        for name in _chained(chain[0], lead[1].casefold() if lead else ""):
            carried = name.lead in _CARRIERS and bool(names) and names[-1].placed
            names.append(replace(name, placed=name.placed or carried, doubtful=initial))
    sure = [name for name in names if not name.doubtful]
    return sure or names


def _chained(chain: str, lead: str) -> Iterator[_Name]:
    """Yield the names of a chain; all of them stand behind the word before it, or the one that opens it."""
    for link in _links(chain):
        openers, name = _parted(link)
        lead = openers[-1] if openers else lead
        if name:
            yield _Name(name=name, lead=lead, placed=lead in _PLACE_LEADS, doubtful=False)


def _links(chain: str) -> list[str]:
    """Split `A, B and C` into its names; `Paris, France` and `Paris, France and Rome, Italy` keep their pairs."""
    parts = [_STATE.sub("\0", part) for part in _CONJUNCTION.split(chain)]
    paired = all(part.count(",") == 1 for part in parts)
    links = parts if paired else [link for part in parts for link in part.split(",")]
    return [link.replace("\0", ", ").strip() for link in links if link.strip()]


def _parted(phrase: str) -> tuple[list[str], str]:
    """Split off the words before a name that have a capital only for beginning a sentence."""
    words = phrase.split()
    openers: list[str] = []
    while words and words[0].rstrip(",").casefold() in _OPENERS:
        openers.append(words.pop(0).casefold())
    while words and words[-1].casefold() in _OPENERS:
        words.pop()
    return openers, " ".join(words).removesuffix("'s").removesuffix("’s")


def _places(names: list[_Name]) -> tuple[str, ...]:
    return tuple(name.name for name in names if name.placed) or tuple(name.name for name in names)


def _plain_places(text: str) -> tuple[str, ...]:
    """Find `paris` and `berlin` in a text that cares for no capitals."""
    for phrase in _PLAIN_PLACE.finditer(text):
        links = [_plain_name(link) for part in _CONJUNCTION.split(phrase[1]) for link in part.split(",")]
        if found := tuple(link for link in links if link):
            return found
    return ()


def _plain_name(phrase: str) -> str:
    """Keep the words up to the first that can't be part of a name."""
    words: list[str] = []
    for word in phrase.split():
        if word.casefold() in _OPENERS or word.casefold() in dates.RELATIVE:
            break
        words.append(word)
    return " ".join(words[:3])

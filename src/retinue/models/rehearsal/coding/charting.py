"""Charting: a table's columns, or a function, drawn."""

import re
from collections.abc import Sequence

from msgspec import Struct

from retinue.models.rehearsal.coding.given import printed
from retinue.models.rehearsal.coding.reading import PLAIN_SHAPE, SHAPE, with_pandas, without_pandas
from retinue.models.rehearsal.coding.runs import Run, missing

_LONGEST = 300  # characters of a request that go into the code

_ASKED = re.compile(
    r"\b(?:plot|chart|charts|graph|draw|visuali[sz]e|histogram|diagram|scatter ?plot|pie)\b", re.IGNORECASE
)
_KINDS = {
    "barh": re.compile(r"\bhorizontal bars?\b"),
    "hist": re.compile(r"\b(?:histogram|distribution)\b"),
    "scatter": re.compile(r"\bscatter"),
    "pie": re.compile(r"\bpie\b"),
    "bar": re.compile(r"\bbars?\b"),
    "line": re.compile(r"\blines?\b"),
}
_SAID = {
    "barh": "bar chart",
    "hist": "histogram",
    "scatter": "scatter plot",
    "pie": "pie chart",
    "bar": "bar chart",
    "line": "line chart",
}
_JOINT = re.compile(r"\b(?:against|versus|vs\.?|by|over|per|for each|as a function of)\b", re.IGNORECASE)


class Chart(Struct, frozen=True):
    """See `Job`. What is drawn is found by the code: it alone sees the columns."""

    file: str
    asked: str

    def code(self, runs: Sequence[Run]) -> str | None:
        said = _words(self.asked)
        if not runs:
            return _PANDAS.format(
                read=with_pandas(self.file), shape=SHAPE, file=self.file, said=said, title=self._title
            )
        read, lacks = without_pandas(self.file), missing(runs)
        if len(runs) > 1 or "pandas" not in lacks or "matplotlib" in lacks or read is None:
            return None
        return _PLAIN.format(read=read, shape=PLAIN_SHAPE, said=said, title=self._title)

    def told(self, run: Run) -> str:
        shown, rows = run.printed("shown"), run.printed("rows")
        if shown is None:
            return printed(run)
        kind = _SAID.get(run.printed("kind") or "", "chart")
        return f"The {kind} shows {shown[:300]}, from the {rows} rows of {self.file}."

    @property
    def _title(self) -> str:
        return repr(self.file.rpartition(".")[0][:80])


def asks_for_chart(text: str) -> bool:
    """Whether a text asks for something to be drawn."""
    return _ASKED.search(text) is not None


def _words(asked: str) -> str:
    """Return the lines with the words of the request: what is to be drawn, against what, and how."""
    text = " ".join(asked.split()).casefold()[:_LONGEST]
    joint = _JOINT.search(text)
    first, second = (text[: joint.start()], text[joint.end() :]) if joint else (text, "")
    kind = next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), None)
    return f"wanted, against, kind = {first.strip()!r}, {second.strip()!r}, {kind!r}"


_CHOICE = """\
def named(words):
    found = {{name: re.search(rf'(?<!\\w){{re.escape(str(name).casefold())}}(?!\\w)', words) for name in {names}}}
    return sorted((name for name in found if found[name]), key=lambda name: found[name].start())


others = [name for name in {names} if name not in numbers]
texts = [name for name in named(wanted) if name in others]
x = [*named(against), *texts, *others, *named(wanted), *numbers, None][0]
ys = [name for name in [*named(wanted), *named(against)] if name in numbers and name != x]
ys = ys or [name for name in numbers if name != x] or numbers
if not ys:
    raise ValueError('There is no column of numbers that could be drawn.')
"""

_ENDING = """\
axes.set_title({title})
axes.set_ylabel(', '.join(map(str, ys)))
figure.autofmt_xdate()
figure.tight_layout()
{shape}
print('shown:', ', '.join(map(str, ys)), 'by', x)
print('kind:', kind)"""

_PANDAS = (
    """\
import re

import matplotlib.pyplot as plt
import pandas as pd

{read}
{said}
numbers = list(table.select_dtypes('number'))


"""
    + _CHOICE.format(names="table.columns").replace("{", "{{").replace("}", "}}")
    + """
dates = x in others and table[x].astype(str).str.match(r'\\d{{1,4}}[-/.]\\d{{1,2}}').all()
if dates:
    table[x] = pd.to_datetime(table[x], format='mixed', errors='coerce')
kind = kind or ('line' if dates or x in numbers else 'bar')
figure, axes = plt.subplots(figsize=(8, 5))
if kind == 'hist':
    axes.hist(table[ys[0]].dropna(), bins=20)
    x, ys = ys[0], ['count']
elif kind == 'scatter':
    ys = ys[:1]
    axes.scatter(table[x], table[ys[0]])
else:
    grouped = table.groupby(x, sort=dates or x in numbers)[ys].sum()
    ys = ys[:1] if kind == 'pie' else ys
    grouped[ys[0] if kind == 'pie' else ys].plot(kind=kind, ax=axes)
axes.set_xlabel(str(x))
"""
    + _ENDING
)

_PLAIN = (
    """\
import csv
import re

import matplotlib.pyplot as plt

{read}
{said}


"""
    + _CHOICE.format(names="names").replace("{", "{{").replace("}", "}}")
    + """
kind = kind if kind in ('line', 'scatter') else 'bar'
figure, axes = plt.subplots(figsize=(8, 5))
for name in ys:
    sums = {{}}
    for row in rows:
        place = number(row[x]) if x in numbers else row[x]
        sums[place] = sums.get(place, 0) + (number(row[name]) or 0)
    draw = {{'bar': axes.bar, 'line': axes.plot, 'scatter': axes.scatter}}[kind]
    draw(list(sums), list(sums.values()), label=name)
axes.legend()
axes.set_xlabel(str(x))
"""
    + _ENDING
)

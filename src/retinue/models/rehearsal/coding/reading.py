"""Reading tables: the lines of code that every program about a table begins with."""

from retinue.core.container_paths import FOLDER
from retinue.models.rehearsal.coding.mounted import ending

_READERS = {
    ".csv": "read_csv({})",
    ".tsv": "read_csv({}, sep='\\t')",
    ".xlsx": "read_excel({})",
    ".json": "read_json({})",
}


def path_of(name: str) -> str:
    """Return where a file lies."""
    return f"{FOLDER}/{name}"


def with_pandas(name: str) -> str:
    """Return the lines that read a file as `table`."""
    return f"table = pd.{_READERS[ending(name)].format(repr(path_of(name)))}"


def without_pandas(name: str) -> str | None:
    """Return the lines that read a file as `names` and `rows`; None for one that takes pandas."""
    if ending(name) not in (".csv", ".tsv"):
        return None
    delimiter = ", delimiter='\\t'" if ending(name) == ".tsv" else ""
    return _PLAIN.format(path=repr(path_of(name)), delimiter=delimiter)


_PLAIN = """\
with open({path}, newline='', encoding='utf-8-sig', errors='replace') as file:
    reader = csv.DictReader(file{delimiter})
    rows = list(reader)
names = [name for name in reader.fieldnames or [] if name]


def number(text):
    try:
        return float(str(text).replace(',', ''))
    except ValueError:
        return None


numbers = [name for name in names if rows and all(number(row[name]) is not None for row in rows if row[name])]"""

SHAPE = "print('rows:', len(table))\nprint('columns:', ', '.join(map(str, table.columns)))"
"""What `shape` reads, with pandas."""

PLAIN_SHAPE = "print('rows:', len(rows))\nprint('columns:', ', '.join(names))"

"""What the documents say holds: examples are Python, links lead somewhere, nothing names somebody's machine."""

import ast
import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FENCE = re.compile(
    r"^ *(?P<fence>`{3,}|~{3,})(?P<language>[\w+-]*)[^\n]*\n(?P<body>.*?)^ *(?P=fence)", re.MULTILINE | re.DOTALL
)
CODE_SPAN = re.compile(r"`[^`\n]*`")
# `[text](target)` and `![text](target)`, with or without a title; `[label]: target` on a line of its own.
LINK = re.compile(r"\]\(\s*<?(?P<inline>[^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*<?(?P<reference>[^\s>]+)", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//", re.IGNORECASE)

# The brackets keep this file from matching itself.
REGISTRY = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|yarnpkg[.]com|(?:simple|pypi)/simple\b")
HOME = re.compile(r"(?<![\w.~-])/(?:root|(?:home|Users)/(?!you\b|me\b|user\b)\w+)/\w")

SKIPPED = {".venv", ".venvs", "node_modules", "build", "dist"}


def documents() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.md") if SKIPPED.isdisjoint(path.relative_to(ROOT).parts))


def manuals() -> list[Path]:
    return [path for path in documents() if path == ROOT / "README.md" or ROOT / "docs" in path.parents]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the source of each block marked as Python."""
    for block in FENCE.finditer(text):
        if block["language"] in {"python", "py"}:
            yield text.count("\n", 0, block.start("body")) + 1, textwrap.dedent(block["body"])


def compile_blocks(text: str, *, name: str) -> int:
    """Compile each Python block as a file of its own; return how many there are."""
    blocks = list(python_blocks(text))
    for line, source in blocks:
        compile("\n" * (line - 1) + source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return len(blocks)


def links(text: str) -> Iterator[str]:
    """Yield the targets inside the repository that `text` links to, code left out."""
    prose = CODE_SPAN.sub("", FENCE.sub("", text))
    for link in LINK.finditer(prose):
        target: str = link["inline"] or link["reference"]
        if not ELSEWHERE.match(target):
            yield target.partition("#")[0]


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Yield path and content of each text file that is, or is about to be, under version control."""
    # CI may check a copy out under another user, which git would refuse to look at.
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listing.stdout.decode().split("\0")):
        path = ROOT / name
        content = path.read_bytes() if path.is_file() else b"\0"
        if b"\0" not in content:
            yield name, content.decode("utf-8", "replace")


def here() -> re.Pattern[str]:
    """Return what finds this checkout's own path; a folder right under the root has too plain a name to tell."""
    if len(ROOT.parts) <= 2:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<![\w.-]){re.escape(ROOT.as_posix())}(?![\w-])")


@pytest.mark.parametrize("path", manuals(), ids=shown)
def test_python_examples_compile(path: Path) -> None:
    compile_blocks(path.read_text(encoding="utf-8"), name=shown(path))


@pytest.mark.parametrize("path", documents(), ids=shown)
def test_relative_links_resolve(path: Path) -> None:
    targets = links(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    patterns = (REGISTRY, HOME, here())
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for name, text in tracked_texts()
        for pattern in patterns
        for match in pattern.finditer(text)
    ]
    assert found == []


SAMPLE = """
# A page

See [the picture](docs/architecture.md#the-house "title"), ![a chart](<chart.png>), [elsewhere](https://example.com),
[below](#below), `[no link](in/code)`, and [by label][label].

[label]: CONTRIBUTING.md

```python
thread = await client.beta.threads.create()
print("[no link](in/a/block)")
```

```sh
retinue serve
```
"""


def test_links_are_found_in_prose_alone() -> None:
    assert list(links(SAMPLE)) == ["docs/architecture.md", "chart.png", "CONTRIBUTING.md"]


def test_python_blocks_are_found_and_compiled() -> None:
    assert compile_blocks(SAMPLE, name="sample") == 1
    with pytest.raises(SyntaxError) as broken:
        compile_blocks("Text.\n\n```python\nx = = 1\n```\n", name="sample")
    assert broken.value.lineno == 4


@pytest.mark.parametrize("text", ["https://pypi" + ".org/p", "index at files.pythonhosted" + ".org"])
def test_registry_hosts_are_found(text: str) -> None:
    assert REGISTRY.search(text)


def test_paths_of_one_machine_are_found() -> None:
    assert HOME.search("cd /home" + "/ada/retinue")
    assert not HOME.search("/home/you/data, ~/data, tests/home/ada/x, /v1/root/x")

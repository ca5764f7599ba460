"""Zips of XML: what Office files are. Sizes are read from the directory before anything is unpacked."""

import posixpath
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Protocol
from xml.parsers import expat

import msgspec

from retinue.knowledge.reading.base import Unreadable

_MOST_PARTS = 20_000
_LARGEST = 256 << 20  # bytes of all XML, unpacked, and of all that is parsed, whatever it is called
_MOST_RATIO = 250  # unpacked by packed, of a part that is large; real sheets come to 40
_LARGE = 16 << 20  # bytes
_PIECE = 65_536  # bytes that are parsed at a time
_MARKUP = (".xml", ".rels", ".html", ".htm", ".xhtml", ".opf", ".ncx")

_DAMAGED = "The file is damaged: {}. Open it where it was made, save it anew and upload that."
_BOMB = "The file unpacks to {:,} MB, more than a document has. Split it, or save it in a simpler form, such as text."
_ENCRYPTED = "The file is encrypted. Remove its password and upload it again."


class Relation(msgspec.Struct, frozen=True):
    """Another part that a part speaks of."""

    kind: str
    part: str


class Target(Protocol):
    """What hears a part's elements, by their names without namespaces."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def data(self, text: str) -> None: ...


class Package:
    """An open file of parts; raises Unreadable where they are more than a document has."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as fault:
            raise damaged("its list of parts can't be read") from fault
        self._parts = {info.filename: info for info in self._zip.infolist()}
        self.unpacked = 0
        """Bytes that were parsed so far."""
        if len(self._parts) > _MOST_PARTS:
            raise Unreadable("invalid_file", f"The file has {len(self._parts):,} parts, more than a document has.")
        _bound([info for name, info in self._parts.items() if name.lower().endswith(_MARKUP)])

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def bound(self) -> None:
        """Raise Unreadable unless all parts together unpack to what a document may have: for who reads any of them."""
        _bound(self._parts.values())

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def parse(self, part: str, target: Target) -> Iterator[None]:
        """Have a target hear a part's elements; yields between pieces, for what it has gathered to be taken."""
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, attributes: target.start(_local(name), attributes)
        parser.EndElementHandler = lambda name: target.end(_local(name))
        parser.CharacterDataHandler = target.data
        parser.StartDoctypeDeclHandler = _refuse_entities
        try:
            with self._zip.open(self._info(part)) as file:
                while piece := file.read(_PIECE):
                    self._count(piece)
                    parser.Parse(piece, False)
                    yield
            parser.Parse(b"", True)
        except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as fault:
            raise damaged(f"{posixpath.basename(part)} can't be read") from fault
        yield

    def relations(self, part: str) -> dict[str, Relation]:
        """Return the parts that a part speaks of, by the names that it has for them."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        target = _Relations(folder)
        if listed in self:
            for _ in self.parse(listed, target):
                pass
        return target.found

    def main(self) -> str:
        """Return the part that the others belong to."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument":
                return relation.part
        raise damaged("it does not say where its content is")

    def _info(self, part: str) -> zipfile.ZipInfo:
        if part not in self:
            raise damaged(f"{posixpath.basename(part)} is missing")
        _bound([self._parts[part]])
        return self._parts[part]

    def _count(self, piece: bytes) -> None:
        self.unpacked += len(piece)
        if self.unpacked > _LARGEST:
            raise Unreadable("invalid_file", _BOMB.format(self.unpacked >> 20))


def damaged(what: str) -> Unreadable:
    """Return the fault of a file of which this is wrong."""
    return Unreadable("invalid_file", _DAMAGED.format(what))


class _Relations:
    def __init__(self, folder: str) -> None:
        self.found: dict[str, Relation] = {}
        self._folder = folder

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = posixpath.basename(attributes.get("Type", ""))
            part = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", "")))
            self.found[attributes.get("Id", "")] = Relation(kind, part.lstrip("/"))

    def end(self, name: str) -> None: ...

    def data(self, text: str) -> None: ...


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _bound(parts: Collection[zipfile.ZipInfo]) -> None:
    """Raise Unreadable for what these parts say of themselves."""
    total = sum(info.file_size for info in parts)
    if total > _LARGEST or any(map(_is_bomb, parts)):
        raise Unreadable("invalid_file", _BOMB.format(total >> 20))
    if any(info.flag_bits & 1 for info in parts):
        raise Unreadable("invalid_file", _ENCRYPTED)


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > max(_LARGE, _MOST_RATIO * info.compress_size)


def _refuse_entities(*_: object) -> None:
    raise Unreadable("invalid_file", "The file declares XML entities, which no document does and attacks do.")

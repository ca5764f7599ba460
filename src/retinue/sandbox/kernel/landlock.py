"""Landlock: a process gives up rights over files, connections and signals by itself, for good. See landlock(7)."""

import os
import struct
from collections.abc import Mapping
from pathlib import Path

from retinue.sandbox.kernel import linux

# the same on every architecture
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_UNDER_PATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_FOLDER, REMOVE_FILE, MAKE_FOLDER, MAKE_FILE, MAKE_LINK = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12
MOVE, TRUNCATE = 1 << 13, 1 << 14

READING = EXECUTE | READ_FILE | READ_FOLDER
WRITING = READING | WRITE_FILE | REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | MAKE_LINK | MOVE | TRUNCATE
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
_KNOWN = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights over files each version knows that knew more than the one before."""
_TCP, _TCP_FROM = 0b11, 4
_SCOPES, SCOPES_FROM = 0b11, 6
"""Abstract UNIX sockets, and signals: none beyond those that are restricted together."""


def version() -> int:
    """Return the kernel's version of Landlock; 0 where there is none."""
    try:
        return linux.system_call(_CREATE_RULESET, None, 0, _ASK_VERSION, what="landlock")
    except OSError:
        return 0


def restrict(files: Mapping[str, int] | None = None) -> None:
    """Give up what this kernel's version knows of: TCP, abstract sockets, signals to others; and files.

    `files` says which rights are left at which paths, and below them; paths that
    don't exist, or can't be reached, are passed over. None
    leaves all files.
    """
    known = version()
    rights = 0 if files is None else _rights(known)
    fields = (rights, _TCP if known >= _TCP_FROM else 0, _SCOPES if known >= SCOPES_FROM else 0)
    attributes = struct.pack("<3Q", *fields)[: 8 * (1 + (known >= _TCP_FROM) + (known >= SCOPES_FROM))]
    ruleset = linux.system_call(_CREATE_RULESET, attributes, len(attributes), 0, what="landlock_create_ruleset")
    try:
        for path, allowed in (files or {}).items():
            _allow(ruleset, path, allowed & rights)
        linux.gain_nothing()
        linux.system_call(_RESTRICT_SELF, ruleset, 0, what="landlock_restrict_self")
    finally:
        os.close(ruleset)


def _rights(known: int) -> int:
    return (1 << max((count for since, count in _KNOWN.items() if since <= known), default=0)) - 1


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):  # who can't get there needs no right to it
        return
    try:
        allowed = rights if Path(path).is_dir() else rights & _OF_FILES
        rule = struct.pack("<Qi", allowed, place)
        linux.system_call(_ADD_RULE, ruleset, _UNDER_PATH, rule, 0, what=f"landlock_add_rule {path}")
    finally:
        os.close(place)

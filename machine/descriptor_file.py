"""Reads a device descriptor: YAML without aliases, bounded in size and nesting, every figure with its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from tilewright.support.errors import UnsupportedInputError

MAX_BYTES = 1_000_000
MAX_DEPTH = 16
UNSOURCED_FIELDS = frozenset({"name", "arch"})
"""Identifiers, not figures: they need no source."""


@dataclass(frozen=True, slots=True)
class DescriptorText:
    """What a descriptor file says.

    Attributes:
        fields: Nested mapping of plain values; lists have become tuples.
        sources: (dotted field, where its value comes from), sorted.
    """

    fields: dict[str, object]
    sources: tuple[tuple[str, str], ...]


def read_descriptor(path: Path) -> DescriptorText:
    """Reads `path` and splits every ``{value: .., source: ..}`` into value and source.

    Raises:
        UnsupportedInputError: the file cannot be read, is larger than 1 MB, is not YAML, uses aliases, gives a key
            twice, nests too deep, or has a figure without a source.
    """
    where = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnsupportedInputError(
            "the device descriptor cannot be read", where=where, why=error.strerror or str(error)
        ) from None
    if len(raw) > MAX_BYTES:
        raise UnsupportedInputError(
            "the device descriptor is too large", where=where, why=f"more than {MAX_BYTES} bytes"
        )
    try:
        # ValueError: bytes that are not text, and scalars such as impossible dates.
        text = raw.decode("utf-8")
        _check_structure(text, where)
        document: object = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise UnsupportedInputError("the device descriptor is not valid YAML", where=where, why=str(error)) from None
    if not isinstance(document, dict):
        raise UnsupportedInputError(
            "a device descriptor is a mapping of fields", where=where, why=f"found {type(document).__name__}"
        )
    sources: dict[str, str] = {}
    fields = _split(cast("dict[object, object]", document), "", where, sources)
    return DescriptorText(fields, tuple(sorted(sources.items())))


@dataclass(slots=True)
class _Open:
    """A collection being read: the keys so far if it is a mapping, and how many nodes it holds."""

    keys: set[str] | None
    nodes: int = 0


def _check_structure(text: str, where: str) -> None:
    """Refuses aliases, repeated keys and deep nesting before anything is built from the document."""
    opened: list[_Open] = []
    events = cast("Iterator[yaml.Event]", yaml.parse(text, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType]
    for event in events:
        problem = None
        if isinstance(event, yaml.AliasEvent):
            problem = "aliases are not allowed"
        elif isinstance(event, yaml.NodeEvent) and opened:
            parent = opened[-1]
            is_key = parent.keys is not None and parent.nodes % 2 == 0
            parent.nodes += 1
            if is_key and parent.keys is not None and isinstance(event, yaml.ScalarEvent):
                key = str(event.value)
                if key in parent.keys:
                    problem = f"'{key}' is given twice"
                parent.keys.add(key)
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append(_Open(set() if isinstance(event, yaml.MappingStartEvent) else None))
            if len(opened) > MAX_DEPTH:
                problem = f"nested deeper than {MAX_DEPTH} levels"
        elif isinstance(event, yaml.CollectionEndEvent):
            opened.pop()
        if problem is not None:
            line = cast("int", event.start_mark.line) + 1  # pyright: ignore[reportUnknownMemberType]
            raise UnsupportedInputError("the device descriptor is not accepted", where=f"{where}:{line}", why=problem)


def _split(node: dict[object, object], prefix: str, where: str, sources: dict[str, str]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for key, entry in node.items():
        name = f"{prefix}{key}"
        if not isinstance(key, str):
            raise UnsupportedInputError("field names are text", where=where, why=f"found the key {key!r}")
        if name in UNSOURCED_FIELDS:
            fields[key] = entry
        elif isinstance(entry, dict):
            mapping = cast("dict[object, object]", entry)
            if "value" in mapping or "source" in mapping:
                fields[key] = _figure(mapping, name, where, sources)
            else:
                fields[key] = _split(mapping, f"{name}.", where, sources)
        else:
            raise UnsupportedInputError(
                f"the figure '{name}' has no source",
                where=where,
                why=f"found {entry!r}",
                hint=f"write {key}: {{value: {entry!r}, source: where it comes from}}",
            )
    return fields


def _figure(mapping: dict[object, object], name: str, where: str, sources: dict[str, str]) -> object:
    source = mapping.get("source")
    if set(mapping) != {"value", "source"} or not isinstance(source, str) or not source.strip():
        raise UnsupportedInputError(
            f"the figure '{name}' must have a value and a source, nothing else",
            where=where,
            why=f"found the keys {', '.join(map(repr, mapping))}",
        )
    sources[name] = source
    return _frozen(mapping["value"])


def _frozen(value: object) -> object:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in cast("list[object]", value))
    return value

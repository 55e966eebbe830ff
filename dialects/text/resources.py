"""Tensors whose elements stand at the end of a file: `dense_resource<name>` and the section `{-# .. #-}`.

The name in the attribute holds the data, so that these go wherever the attribute goes and are freed with it. xDSL keeps
them in its global builtin dialect, where files with the same names disturb each other.
"""

from __future__ import annotations

from xdsl.dialects.builtin import DenseResourceAttr, ShapedType, StringAttr
from xdsl.parser import Parser
from xdsl.utils.mlir_lexer import MLIRTokenKind

_HEADER = 4
"""Bytes before the data, little-endian: the alignment of the data in bytes."""


class ResourceName(str):
    """A resource's name, and its data if the file has them.

    Attributes:
        data: The elements, in order, little-endian; None if they are not known.
        alignment: Bytes to which the data are to be aligned, a power of 2.
    """

    data: bytes | None
    alignment: int

    def __new__(cls, name: str, data: bytes | None = None, alignment: int = 1) -> ResourceName:
        made = super().__new__(cls, name)
        made.data = data
        made.alignment = alignment
        return made

    def __eq__(self, other: object) -> bool:
        same = super().__eq__(other)
        return same and (not isinstance(other, ResourceName) or self.data == other.data)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def blob(self) -> str:
        """The data as the section `dialect_resources` has them."""
        assert self.data is not None
        return f"0x{self.alignment.to_bytes(_HEADER, 'little').hex().upper()}{self.data.hex().upper()}"


def dense_resource(name: str, type: ShapedType, data: bytes, *, alignment: int = 1) -> DenseResourceAttr:
    """An attribute with its data.

    Args:
        name: Under which the data are printed.
        type: Of the tensor.
        data: Its elements, row-major, little-endian.
        alignment: Bytes, a power of 2.
    """
    return DenseResourceAttr.from_params(StringAttr(ResourceName(name, data, alignment)), type)


def resource_bytes(attribute: DenseResourceAttr) -> bytes | None:
    """The elements of the tensor, row-major, little-endian, one byte for a boolean; None if the file has none."""
    name = attribute.resource_handle.data
    return name.data if isinstance(name, ResourceName) else None


class ResourceParser(Parser):
    """Parses resources, without the storage of xDSL's builtin dialect."""

    _resources: dict[str, ResourceName]

    def _init_resources(self) -> None:
        self._resources = {}

    def _resource(self, name: str) -> ResourceName:
        return self._resources.setdefault(name, ResourceName(name))

    def _parse_builtin_dense_resource_attr(self) -> DenseResourceAttr:
        self.parse_punctuation("<", " in dense_resource attribute")
        name = self.parse_identifier_or_str_literal(" for the name of a resource")
        self.parse_punctuation(">", " in dense_resource attribute")
        self.parse_punctuation(":", " in dense_resource attribute")
        place = self._current_token.span
        type = self.parse_type()
        if not isinstance(type, ShapedType):
            self.raise_error(f"a dense_resource has a shaped type, found {type}", place)
        return DenseResourceAttr.from_params(StringAttr(self._resource(name)), type)

    def _parse_file_metadata_dictionary(self) -> None:
        self.parse_comma_separated_list(self.Delimiter.METADATA_TOKEN, self._parse_metadata_entry)

    def _parse_metadata_entry(self) -> None:
        place = self._current_token.span
        section = self.parse_identifier_or_str_literal(" for a section of the file's metadata")
        self.parse_punctuation(":", " after the name of a section")
        match section:
            case "dialect_resources":
                self.parse_comma_separated_list(self.Delimiter.BRACES, self._parse_resources_of_dialect)
            case "external_resources":
                self.parse_comma_separated_list(self.Delimiter.BRACES, self._skip_external_resources)
            case _:
                self.raise_error(f"unknown section '{section}' in the file's metadata", place)

    def _parse_resources_of_dialect(self) -> None:
        place = self._current_token.span
        dialect = self.parse_identifier_or_str_literal(" for the name of a dialect")
        if dialect != "builtin":
            self.raise_error(f"the dialect '{dialect}' has no resources, only 'builtin' has", place)
        self.parse_punctuation(":", " after the name of a dialect")
        self.parse_comma_separated_list(self.Delimiter.BRACES, self._parse_blob)

    def _parse_blob(self) -> None:
        name = self._resource(self.parse_identifier_or_str_literal(" for the name of a resource"))
        self.parse_punctuation(":", " after the name of a resource")
        place = self._current_token.span
        text = self.parse_str_literal(" of hexadecimal digits for the data of a resource")
        try:
            blob = hex_bytes(text)
        except ValueError as error:
            self.raise_error(f"the data of resource '{name}': {error}", place)
        alignment = int.from_bytes(blob[:_HEADER], "little")
        if len(blob) < _HEADER or alignment.bit_count() != 1:
            self.raise_error(
                f"the data of resource '{name}' begin with 4 bytes for the alignment, a power of 2; found {alignment}",
                place,
            )
        if name.data is not None:
            self.raise_error(f"the data of resource '{name}' are given twice", place)
        name.data, name.alignment = blob[_HEADER:], alignment

    def _skip_external_resources(self) -> None:
        """Skip what a tool has left for itself, such as the pipeline that crashed."""
        self.parse_identifier_or_str_literal(" for the owner of external resources")
        self.parse_punctuation(":", " after the owner of external resources")
        self.parse_comma_separated_list(self.Delimiter.BRACES, self._skip_external_resource)

    def _skip_external_resource(self) -> None:
        self.parse_identifier_or_str_literal(" for the name of a resource")
        self.parse_punctuation(":", " after the name of a resource")
        if self._parse_optional_token(MLIRTokenKind.STRING_LIT) is None:
            self.parse_boolean(" or string for an external resource")


def hex_bytes(text: str) -> bytes:
    """The bytes of a string `0x..` of hexadecimal digits.

    Raises:
        ValueError: it is none.
    """
    if not text.startswith("0x"):
        raise ValueError("expected a string that begins with 0x")
    data = bytes.fromhex(text[2:])
    # Python allows spaces between the bytes.
    if 2 * len(data) != len(text) - 2:
        raise ValueError("expected hexadecimal digits only")
    return data

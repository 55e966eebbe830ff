"""The printer of textual IR: xDSL's, with what it loses or prints in a form that reads back as something else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import TypeVar, cast

from xdsl.dialects.builtin import (
    AnyFloat,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    FusedLoc,
    ModuleOp,
)
from xdsl.ir import Attribute, Dialect
from xdsl.printer import Printer
from xdsl.syntax_printer import SyntaxPrinter

from tilewright.dialects.text.elements import Elements, elements_of, splat_or_all
from tilewright.dialects.text.floats import float_text
from tilewright.dialects.text.locations import ends_of_range
from tilewright.dialects.text.resources import ResourceName

_LONGEST_LIST = 100
"""Elements of a tensor that are listed; more are printed as hexadecimal bytes, as MLIR does."""

_A = TypeVar("_A", bound=Attribute)


@dataclass(eq=False, repr=False)
class TextPrinter(Printer):
    """Prints one module.

    Attributes:
        longest_elements: Tensors of more elements are printed as `dense_resource<__elided__>`, but splats are not;
            none is left out if this is None.
        longest_resource: Resources of more hexadecimal digits are left out likewise.
    """

    longest_elements: int | None = field(default=None, kw_only=True)
    longest_resource: int | None = field(default=None, kw_only=True)

    _resource_names: dict[str, ResourceName] = field(default_factory=dict[str, ResourceName], init=False)
    """Resources met, by the names under which they are printed."""

    def print_attribute(self, attribute: Attribute) -> None:
        print_own = _PRINTERS.get(type(attribute))
        if print_own is None or not print_own(self, attribute):
            super().print_attribute(attribute)

    def print_float(self, value: float, type: AnyFloat) -> None:
        self.print_string(float_text(value, type))

    def print_range(self, location: FusedLoc) -> bool:
        """Print a location that is a range; False if it is none."""
        ends = ends_of_range(location)
        if ends is None:
            return False
        start, end = ends
        with self.in_location():
            self.print_string_literal(start.filename.data)
            self.print_string(f":{start.line.data}:{start.column.data} to ")
            self.print_string(f"{end.line.data}" if end.line != start.line else "")
            self.print_string(f":{end.column.data}")
        return True

    def print_dense_array(self, array: DenseArrayBase) -> bool:
        """Print a dense array of floats by their bits; False if its elements are no floats."""
        elements = elements_of(array.elt_type)
        if elements is None or not isinstance(array.elt_type, AnyFloat) or not array.data.data:
            return False
        self.print_string("array<")
        self.print_attribute(array.elt_type)
        self.print_string(": ")
        self._print_elements(array.data.data, elements)
        self.print_string(">")
        return True

    def print_dense(self, attribute: DenseIntOrFPElementsAttr) -> bool:
        """Print `dense<..>` without unpacking more than is printed; False if its bytes are no elements of its type."""
        elements = elements_of(attribute.type.element_type)
        shape = attribute.type.get_shape()
        count, stored = math.prod(shape), attribute.data.data
        if elements is None or count < 0 or len(stored) not in (elements.size, count * elements.size):
            return False
        data = splat_or_all(stored, elements.size)
        if len(data) > elements.size and self.longest_elements is not None and count > self.longest_elements:
            self.print_string("dense_resource<__elided__> : ")
            self.print_attribute(attribute.type)
            return True
        self.print_string("dense<")
        if len(data) == elements.size:
            self.print_string(elements.to_text(data))
        elif count > _LONGEST_LIST:
            self.print_string(f'"0x{elements.to_hex(data).hex().upper()}"')
        elif count:
            self._print_lists(data, shape, elements)
        self.print_string("> : ")
        self.print_attribute(attribute.type)
        return True

    def _print_lists(self, data: bytes, shape: Sequence[int], elements: Elements) -> None:
        self.print_string("[")
        if len(shape) == 1:
            self._print_elements(data, elements)
        else:
            step = len(data) // shape[0]
            parts = (data[i : i + step] for i in range(0, len(data), step))
            self.print_list(parts, lambda part: self._print_lists(part, shape[1:], elements))
        self.print_string("]")

    def _print_elements(self, data: bytes, elements: Elements) -> None:
        size = elements.size
        self.print_string(", ".join(elements.to_text(data[i : i + size]) for i in range(0, len(data), size)))

    def print_resource_handle(self, dialect: str, handle: str) -> None:
        if not isinstance(handle, ResourceName):
            self.print_identifier_or_string_literal(handle)
            return
        name, number = str(handle), 0
        # Modules that were joined may use one name for two tensors.
        while self._resource_names.setdefault(name, handle) != handle:
            number += 1
            name = f"{handle}_{number}"
        self.print_identifier_or_string_literal(name)

    def print_metadata(self, dialects: Iterable[Dialect] = ()) -> None:
        """Print the data of the resources that were met, if there are any."""
        known = sorted(name for name, resource in self._resource_names.items() if self._is_printed(resource))
        if not known:
            return
        self.print_string("\n\n{-#\n  dialect_resources: {\n    builtin: {\n", indent=0)
        for name in known:
            self.print_string("      ")
            self.print_identifier_or_string_literal(name)
            self.print_string(f': "{self._resource_names[name].blob()}"')
            self.print_string(",\n" if name != known[-1] else "\n", indent=0)
        self.print_string("    }\n  }\n#-}", indent=0)

    def _is_printed(self, resource: ResourceName) -> bool:
        return resource.data is not None and (
            self.longest_resource is None or len(resource.blob()) <= self.longest_resource
        )


class ColoredPrinter(TextPrinter, SyntaxPrinter):
    """Prints with colours for a terminal."""


def _own(type: type[_A], print_own: Callable[[TextPrinter, _A], bool]) -> tuple[type[Attribute], _PrintOwn]:
    return type, cast("_PrintOwn", print_own)


_PrintOwn = Callable[[TextPrinter, Attribute], bool]

_PRINTERS: dict[type[Attribute], _PrintOwn] = dict(
    (
        _own(DenseIntOrFPElementsAttr, TextPrinter.print_dense),
        _own(DenseArrayBase, TextPrinter.print_dense_array),
        _own(FusedLoc, TextPrinter.print_range),
    )
)


def print_module(
    module: ModuleOp,
    *,
    locations: bool = False,
    generic: bool = False,
    properties_as_attributes: bool = False,
    longest_elements: int | None = None,
    longest_resource: int | None = None,
    printer_type: type[TextPrinter] = TextPrinter,
) -> str:
    """The text of a module, its resources at the end, with a line end.

    Args:
        module: Of any level.
        locations: Whether to print where ops and arguments come from.
        generic: Whether to print every op in the generic form.
        properties_as_attributes: Whether to print properties between plain braces.
        longest_elements: Tensors of more elements are left out; see :class:`TextPrinter`.
        longest_resource: Resources of more hexadecimal digits are left out.
        printer_type: A printer that colours what it prints, say.
    """
    output = StringIO()
    printer = printer_type(
        stream=output,
        print_generic_format=generic,
        print_properties_as_attributes=properties_as_attributes,
        print_debuginfo=locations,
        longest_elements=longest_elements,
        longest_resource=longest_resource,
    )
    printer.print_op(module)
    printer.print_metadata()
    output.write("\n")
    return output.getvalue()

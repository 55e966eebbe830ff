"""Reordering and merging of dimensions by a pattern of names, as in einops."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from xdsl.dialects.builtin import DYNAMIC_INDEX, StringAttr
from xdsl.irdl import irdl_op_definition, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.bases import MovementOp
from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.ttir.traits import RearrangePatterns
from tilewright.dialects.types import shape_of

_TOKEN = re.compile(r"\s*(\w+|[()])")


@dataclass(frozen=True, slots=True)
class Rearrangement:
    """What a pattern does.

    Attributes:
        order: Place i after the reordering, before the merging, is dimension `order[i]` of the input.
        groups: How many of these places in turn make up each dimension of the result.
    """

    order: tuple[int, ...]
    groups: tuple[int, ...]

    def permuted(self, shape: Shape) -> Shape:
        """The shape after the reordering."""
        return tuple(shape[d] for d in self.order)

    def merged(self, shape: Shape) -> Shape:
        """The shape of the result for an input of `shape`."""
        extents = iter(self.permuted(shape))
        parts = [[next(extents) for _ in range(size)] for size in self.groups]
        return tuple(DYNAMIC_INDEX if DYNAMIC_INDEX in part else prod(part) for part in parts)


def _fault(pattern: str, expected: str) -> VerifyException:
    return VerifyException(f"attribute 'pattern' is \"{pattern}\", expected {expected}")


def _groups(side: str, pattern: str) -> list[list[str]]:
    """The names of each dimension on one side of the arrow."""
    groups: list[list[str]] = []
    inside, at = False, 0
    side = side.rstrip()
    while at < len(side):
        match = _TOKEN.match(side, at)
        if match is None:
            raise _fault(pattern, f"names and parentheses, found '{side[at:].strip()[0]}'")
        at, token = match.end(), match[1]
        if token in "()":
            if (token == "(") == inside:
                raise _fault(pattern, "parentheses in pairs, none inside another")
            inside = token == "("
            if inside:
                groups.append([])
        elif inside:
            groups[-1].append(token)
        else:
            groups.append([token])
    if inside:
        raise _fault(pattern, "parentheses in pairs, none inside another")
    return groups


@lru_cache(maxsize=1 << 8)
def parsed_pattern(pattern: str) -> Rearrangement:
    """What `pattern` does.

    Raises:
        VerifyException: it is none, or it splits a dimension.
    """
    sides = pattern.split("->")
    if len(sides) != 2:
        raise _fault(pattern, "one '->'")
    source, target = (_groups(side, pattern) for side in sides)
    if any(len(group) > 1 for group in source):
        raise _fault(pattern, "one name a dimension before '->', as the op has no lengths to split a dimension by")
    if not all(source) or not all(target):
        raise _fault(pattern, "a name in each pair of parentheses")
    names, places = [group[0] for group in source], [name for group in target for name in group]
    if len(set(names)) != len(names) or sorted(names) != sorted(places):
        raise _fault(pattern, "each name once before and once after '->'")
    return Rearrangement(tuple(names.index(name) for name in places), tuple(map(len, target)))


@irdl_op_definition
class RearrangeOp(MovementOp):
    """Reorders dimensions and merges neighbours, as `pattern` says.

    Before `->`, the pattern names each dimension of the input; after it, the names stand in the order of the result,
    and those in parentheses make up one dimension, the last of them running fastest. `"b h w c -> b c (h w)"` is a
    permute by (0, 3, 1, 2), and a reshape that merges the last two dimensions.

    Shapes: an extent of the result is the product of those named in its place.

    Conditions: there is one arrow; the names before it are as many as dimensions and unlike each other; each is there
    once after it. Parentheses with several names before the arrow would split a dimension, for which the op has no
    lengths.
    """

    name = "ttir.rearrange"

    pattern = prop_def(StringAttr)

    traits = traits_def(RearrangePatterns())

    @property
    def rearrangement(self) -> Rearrangement:
        """What the pattern does."""
        return parsed_pattern(self.pattern.data)

    def infer_shape(self) -> Shape:
        shape, rearrangement = shape_of(self.input), self.rearrangement
        if len(rearrangement.order) != len(shape):
            expected = f"{len(shape)} names before '->', the rank of 'input' with the shape {shape}"
            raise _fault(self.pattern.data, expected)
        return rearrangement.merged(shape)


REARRANGE_OPS = (RearrangeOp,)

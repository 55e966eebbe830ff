"""Minimum cuts, by networkx: a pass that cuts small graphs need not bring its own algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

SOURCE = 0
"""The node on whose side a node costs what leads from it to the other side."""

SINK = 1
"""The node of the other side."""


class Network:
    """Nodes and directed edges with capacities."""

    def __init__(self) -> None:
        import networkx as nx  # it takes longer to import than most passes run

        # Against the edges' direction: networkx finds the fewest nodes that can be on the side of the sink.
        self._against: nx.DiGraph[int] = nx.DiGraph()
        self._against.add_nodes_from((SOURCE, SINK))

    def add_node(self) -> int:
        """A new node."""
        node = len(self._against)
        self._against.add_node(node)
        return node

    def require(self, tail: int, head: int) -> None:
        """Never leave `tail` on the side of the source without `head`."""
        self._against.add_edge(head, tail)

    def add_edge(self, tail: int, head: int, capacity: int) -> None:
        """What it costs if `tail` is on the side of the source and `head` is not; nothing if `capacity` is negative."""
        if capacity > 0 and tail != head:
            before = self._against.get_edge_data(head, tail, {"capacity": 0})["capacity"]
            self._against.add_edge(head, tail, capacity=before + capacity)

    def source_side(self) -> set[int]:
        """The nodes on the side of the source in the cheapest cut, as few of them as there can be."""
        import networkx as nx

        _, (_, side) = nx.minimum_cut(self._against, SINK, SOURCE)  # pyright: ignore[reportUnknownMemberType]
        return side

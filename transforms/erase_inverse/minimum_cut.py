"""Minimum cuts (Dinic's algorithm)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

SOURCE = 0
"""The node on whose side a node costs what leads from it to the other side."""

SINK = 1
"""The node of the other side."""

INFINITE = 1 << 62
"""More than any cost."""


@dataclass
class Network:
    """Nodes and directed edges with capacities."""

    heads: list[int] = field(default_factory=list[int])
    capacities: list[int] = field(default_factory=list[int])
    edges: list[list[int]] = field(default_factory=lambda: [[], []])

    def add_node(self) -> int:
        """A new node."""
        self.edges.append([])
        return len(self.edges) - 1

    def add_edge(self, tail: int, head: int, capacity: int) -> None:
        """What it costs if `tail` is on the side of the source and `head` is not."""
        if capacity <= 0 or tail == head:
            return
        for a, b, room in ((tail, head, capacity), (head, tail, 0)):
            self.edges[a].append(len(self.heads))
            self.heads.append(b)
            self.capacities.append(room)

    def source_side(self) -> set[int]:
        """The nodes on the side of the source in the cheapest cut, as few of them as there can be."""
        while (levels := self._levels())[SINK] >= 0:
            positions = [0] * len(self.edges)
            while self._augment(levels, positions):
                pass
        return {node for node, level in enumerate(self._levels()) if level >= 0}

    def _levels(self) -> list[int]:
        """The distance of each node from the source over edges with room; -1 where there is no way."""
        levels = [-1] * len(self.edges)
        levels[SOURCE] = 0
        queue = deque([SOURCE])
        while queue:
            node = queue.popleft()
            for edge in self.edges[node]:
                head = self.heads[edge]
                if self.capacities[edge] and levels[head] < 0:
                    levels[head] = levels[node] + 1
                    queue.append(head)
        return levels

    def _augment(self, levels: list[int], positions: list[int]) -> bool:
        """Push flow along one shortest way; False if there is none left. `positions` are edges that lead nowhere."""
        way: list[int] = []
        node = SOURCE
        while node != SINK:
            while positions[node] < len(self.edges[node]):
                edge = self.edges[node][positions[node]]
                head = self.heads[edge]
                if self.capacities[edge] and levels[head] == levels[node] + 1:
                    way.append(edge)
                    node = head
                    break
                positions[node] += 1
            else:
                if not way:
                    return False
                node = self.heads[way.pop() ^ 1]
                positions[node] += 1
        room = min(self.capacities[edge] for edge in way)
        for edge in way:
            self.capacities[edge] -= room
            self.capacities[edge ^ 1] += room
        return True

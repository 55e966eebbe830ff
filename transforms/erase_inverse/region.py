"""Which ops should compute on moved tensors: a region around a movement, and the minimum cut through it.

From a movement, the forms of its neighbours follow, and those of theirs, up and down, as far as rules lead. In that
region each op either stays as it is or takes its form; where two that differ meet, a movement is needed. The choice
that costs least is a minimum cut, as in assigning layouts: choosing op by op would stop at the first that pays only
together with the next.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from xdsl.ir import Operation, SSAValue

from tilewright.transforms.erase_inverse.chains import Chains, Path, Use, cost_of, then, uses_of
from tilewright.transforms.erase_inverse.forms import Forms
from tilewright.transforms.erase_inverse.minimum_cut import SINK, SOURCE, Network
from tilewright.transforms.erase_inverse.movement import Movement, compose
from tilewright.transforms.erase_inverse.rules import rule_of

MAX_OPS = 128
"""Ops in a region; beyond, what is farthest from the movement is left out."""


@dataclass
class Region:
    """Ops and their forms.

    Attributes:
        chains: What is known of the function.
        forms: The ops that can take another form, nearest to the movement first.
    """

    chains: Chains
    forms: dict[Operation, Forms] = field(default_factory=dict[Operation, Forms])

    def base(self, root: SSAValue, moved: frozenset[Operation]) -> Movement | None:
        """The movement from what is at hand to `root`, if `moved` take their forms; None if that is `root` itself."""
        owner = root.owner
        return self.forms[owner].result if isinstance(owner, Operation) and owner in moved else None

    def target(self, use: Use, moved: bool) -> Path:
        """What has to be done to a root for one of its uses."""
        return then(use.path, self.forms[use.user].operands[use.index].inverse()) if moved else use.path

    def roots(self) -> list[SSAValue]:
        """The values at the ends of movements from and to the region, but for constant ones, whose movements are
        free."""
        found: dict[SSAValue, None] = {}
        for op in self.forms:
            found.update(dict.fromkeys(self.chains.root(operand)[0] for operand in op.operands))
            found.update(dict.fromkeys(op.results))
        return [root for root in found if not self.chains.is_constant(root)]


def grow(chains: Chains, op: Operation, forms: Forms) -> Region:
    """The region around `op`, if that takes these forms."""
    region = Region(chains)
    queue: deque[tuple[Operation, Forms]] = deque([(op, forms)])
    while queue and len(region.forms) < MAX_OPS:
        op, forms = queue.popleft()
        if op in region.forms:
            continue
        region.forms[op] = forms
        for neighbour, slot, movement in _neighbours(chains, op, forms):
            rule = None if neighbour in region.forms or neighbour.parent is not op.parent else rule_of(neighbour)
            found = None if rule is None else rule(neighbour, slot, movement)
            if found is not None:
                queue.append((neighbour, found))
    return region


def _neighbours(chains: Chains, op: Operation, forms: Forms) -> Iterator[tuple[Operation, int | None, Movement]]:
    """Ops that produce what `op` reads, read what it reads, or read what it produces, and the movements there."""
    bases: dict[SSAValue, Movement] = {op.results[0]: forms.result}
    for operand, form in zip(op.operands, forms.operands, strict=True):
        if chains.is_constant(operand):
            continue
        root, path = chains.root(operand)
        if len(path) > 1:
            continue
        base = form if not path else compose(form, path[0].inverse())
        if base is None:
            continue
        bases.setdefault(root, base)
        if not base.is_identity and isinstance(root.owner, Operation):
            yield root.owner, None, base
    for root, base in bases.items():
        for use in uses_of(root):
            if len(use.path) > 1:
                continue
            movement = base if not use.path else compose(base, use.path[0])
            if movement is not None and not movement.is_identity:
                yield use.user, use.index, movement


def cost(region: Region, moved: frozenset[Operation]) -> int:
    """What the movements at the region cost if the ops `moved` take their forms."""
    total = 0
    for root in region.roots():
        base = region.base(root, moved)
        targets = {region.target(use, use.user in moved) for use in uses_of(root)}
        total += sum(cost_of(_from(base, target)) for target in targets)
    return total


def _from(base: Movement | None, target: Path) -> Path:
    if base is None:
        return target
    path: Path = () if base.is_identity else (base,)
    for movement in target:
        path = then(path, movement)
    return path


def cheapest(region: Region) -> frozenset[Operation]:
    """The ops that take their forms where the movements cost least; none if that saves nothing."""
    network = Network()
    nodes = {op: network.add_node() for op in region.forms}
    for root in region.roots():
        _add_root(network, nodes, region, root)
    side = network.source_side()
    moved = frozenset(op for op, node in nodes.items() if node in side)
    return moved if moved and cost(region, moved) < cost(region, frozenset()) else frozenset()


def _add_root(network: Network, nodes: dict[Operation, int], region: Region, root: SSAValue) -> None:
    """Add what the movements of `root` cost. Where no cut can express that, it is overestimated for moved ops, so that
    a saving is never less than it seems."""
    owner = root.owner
    producer = nodes.get(owner, SINK) if isinstance(owner, Operation) else SINK
    base = region.forms[owner].result if isinstance(owner, Operation) and owner in nodes else None
    demands: defaultdict[tuple[Path, bool], list[int]] = defaultdict(list)
    for use in uses_of(root):
        node = nodes.get(use.user, SINK)
        demands[region.target(use, False), False].append(node)
        if node != SINK:
            demands[region.target(use, True), True].append(node)
    for (target, is_moved), users in demands.items():
        at_sink = cost_of(target)
        at_source = at_sink if base is None else cost_of(_from(base, target))
        if is_moved:
            # Needed if any of the users is at the source.
            need = network.add_node()
            for user in users:
                network.require(user, need)
            network.add_edge(need, SINK, at_source)
            network.add_edge(need, producer, at_sink - at_source)
        elif at_sink <= at_source and SINK not in users:
            # Needed if any of the users is at the sink.
            need = network.add_node()
            for user in users:
                network.require(need, user)
            network.add_edge(SOURCE, need, at_sink)
            network.add_edge(producer, need, at_source - at_sink)
        else:
            network.add_edge(producer, SINK, at_source - at_sink)
            network.add_edge(SOURCE, producer, at_sink - at_source)

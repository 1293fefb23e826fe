"""The estimated cost of a checked expression, as the API server computes it before it runs.

A walk over the tree (cel-go's `checker/cost.go`): every node has a cost, and sizes of values come
from literals, from earlier results, or from the declared type that a path from `self` leads to.
"""

from __future__ import annotations

from typing import NamedTuple

from opgen.cel.calls import Call, Operand, estimate
from opgen.cel.declared import Declared, find
from opgen.cel.operators import mismatch
from opgen.cel.sizes import GREATEST, NOTHING, ONE, UNKNOWN, Range, exactly
from opgen.cel.tree import Loop, Node, Tree, Type

_CREATED = {"list": exactly(10), "map": exactly(30), "struct": exactly(40)}
_SCALARS = frozenset(["bool", "double", "duration", "int", "timestamp", "uint"])
_SELECTED = frozenset(["map", "object", "parameter"])
_ACCUMULATORS = ("@result", "__result__")
_BY_ITEMS = {"index_list": "@items", "index_map": "@values"}
_LOOSE = frozenset(["dyn", "any", "list", "map"])
"""Types that the checker may know less of than the declaration."""
_Path = tuple[str, ...]


class _Entries(NamedTuple):
    """The sizes of keys and values of a list or map that the expression itself makes."""

    is_list: bool
    key: Range
    value: Range

    def union(self, other: _Entries | None) -> _Entries | None:
        if other is None:
            return None
        return _Entries(self.is_list, self.key.union(other.key), self.value.union(other.value))


class _Variable(NamedTuple):
    """A variable of a comprehension: where its value comes from, and how large it is."""

    path: _Path
    size: Range | None
    entries: _Entries | None = None


class Estimator:
    """Walks one expression. Nodes are remembered by their ids."""

    def __init__(self, tree: Tree, declared: Declared) -> None:
        self.mistakes: list[tuple[str, Node]] = []
        """Fields that are not there, of items that messages cannot type."""
        self._tree = tree
        self._declared = declared
        self._paths: dict[int, _Path] = {}
        self._sizes: dict[int, Range] = {}
        self._entries: dict[int, _Entries] = {}
        self._variables: dict[str, list[_Variable]] = {}

    def cost(self) -> int:
        """The greatest cost of one evaluation."""
        return self._cost(self._tree.root).high

    def _cost(self, node: Node) -> Range:
        if node.kind == "ident":
            found = self._variable(node.name)
            self._paths[node.id] = found.path if found else (node.name,)
            return ONE
        if node.kind == "select":
            return self._select(node)
        if node.kind == "call":
            return self._call(node)
        if node.kind in _CREATED:
            return self._created(node)
        if node.loop:
            is_bind = self._is_bind(node.loop)
            return self._bind(node, node.loop) if is_bind else self._loop(node, node.loop)
        return NOTHING

    def _select(self, node: Node) -> Range:
        assert node.operand is not None
        cost = self._cost(node.operand)
        self._check_field(node, node.operand)
        if node.is_test:
            return cost
        if self._kind(node.operand) in _SELECTED:
            cost = cost.plus(ONE)
        self._paths[node.id] = (*self._path(node.operand), node.name)
        return cost

    def _check_field(self, node: Node, operand: Node) -> None:
        """Notice a field of a value of which the declaration knows more than the checker."""
        declared = self._declaration(self._path(operand))
        if self._tree.type_of(operand).kind not in _LOOSE or declared is None:
            return
        if declared.kind == "object" and find(declared, node.name) is None:
            self.mistakes.append((f"undefined field '{node.name}'", node))
        elif declared.kind not in ("object", "map", "dyn"):
            name = (
                f"{declared.kind}({declared.element.kind})" if declared.element else declared.kind
            )
            self.mistakes.append((f"type '{name}' does not support field selection", node))

    def _check_operands(self, node: Node) -> None:
        """Notice operands of which the declaration knows that the operator does not take them."""
        if len(node.parts) == 2 and node.operand is None:
            wrong = mismatch(node.name, *(self._kind(part) for part in node.parts))
            if wrong:
                self.mistakes.append((wrong, node))

    def _created(self, node: Node) -> Range:
        cost = NOTHING
        for part in node.parts:
            cost = cost.plus(self._cost(part))
        if node.kind != "struct":
            is_list = node.kind == "list"
            keys = ONE if is_list else self._largest(node.parts[::2])
            values = self._largest(node.parts if is_list else node.parts[1::2])
            self._entries[node.id] = _Entries(is_list, keys, values)
        return cost.plus(_CREATED[node.kind])

    def _largest(self, nodes: list[Node]) -> Range:
        size = Range(GREATEST, 0) if nodes else NOTHING
        for node in nodes:
            size = size.union(self._size(node))
        return size

    def _call(self, node: Node) -> Range:
        if node.name == "dyn":
            cost = self._cost(node.parts[0]).plus(ONE)
            self._copy(node, node.parts[0])
            return cost
        costs = [self._cost(part) for part in node.parts]
        arguments = [self._operand(part) for part in node.parts]
        overloads = self._tree.overloads.get(node.id, ())
        if not overloads:
            return NOTHING
        self._check_operands(node)
        before = self._cost(node.operand) if node.operand else NOTHING
        target = self._operand(node.operand) if node.operand else None
        total, size = Range(GREATEST, 0), None
        for overload in overloads:
            call = Call(overload, target, arguments)
            cost, known = self._overload(node, call, costs)
            total = total.union(cost)
            size = (size.union(known) if size else known) if known else size
            if overload in _BY_ITEMS and arguments:
                entries = self._entries_of(node.parts[0])
                size = entries.value if entries else None
                self._paths[node.id] = (*self._path(node.parts[0]), _BY_ITEMS[overload])
            if size is None:
                size = self._known_size(node)
        if size is not None:
            self._sizes[node.id] = size
        return before.plus(total)

    def _overload(self, node: Node, call: Call, costs: list[Range]) -> tuple[Range, Range | None]:
        found = estimate(node.name, call)
        if found is None and call.overload in ("logical_or", "logical_and"):
            return Range(costs[0].low, costs[0].plus(costs[1]).high), None
        if found is None and call.overload == "conditional":
            return self._conditional(node, call, costs)
        if call.overload in ("add_string", "add_bytes", "add_list"):
            self._join_entries(node, node.parts[0], node.parts[1])
        cost = found.cost if found else ONE
        for argument in costs:
            cost = cost.plus(argument)
        return cost, found.size if found else None

    def _conditional(
        self, node: Node, call: Call, costs: list[Range]
    ) -> tuple[Range, Range | None]:
        size = call.arguments[1].size.union(call.arguments[2].size)
        self._join_entries(node, node.parts[1], node.parts[2])
        return costs[0].plus(costs[1].union(costs[2])), size

    def _join_entries(self, node: Node, left: Node, right: Node) -> None:
        entries = self._entries_of(left)
        joined = entries.union(self._entries_of(right)) if entries else None
        if joined:
            self._entries[node.id] = joined

    def _loop(self, node: Node, loop: Loop) -> Range:
        cost = self._cost(loop.over).plus(self._cost(loop.start))
        self._push(loop.result_variable, self._bound(loop.start))
        self._push_items(loop)
        each = self._cost(loop.condition)
        each = self._cost(loop.step).plus(each)
        self._variables[loop.variable].pop()
        if loop.second:
            self._variables[loop.second].pop()
        cost = cost.plus(self._cost(loop.result))
        self._variables[loop.result_variable].pop()
        count = self._size(loop.over)
        if loop.start.kind == "constant":
            self._remember(node, self._known_size(loop.start))
        elif loop.start.kind in ("list", "map"):
            self._sizes[node.id] = count
            entries = self._entries_of(loop.step)
            if entries:
                self._entries[node.id] = entries
        return cost.plus(count.times(each))

    def _push_items(self, loop: Loop) -> None:
        path, entries = self._path(loop.over), self._entries_of(loop.over)
        is_list = entries.is_list if entries else self._kind(loop.over) == "list"
        key, value = (entries.key, entries.value) if entries else (None, None)
        if loop.second:
            keys = "@indices" if is_list else "@keys"
            values = "@items" if is_list else "@values"
            self._push(loop.variable, _Variable((*path, keys), key))
            self._push(loop.second, _Variable((*path, values), value))
        elif is_list:
            self._push(loop.variable, _Variable((*path, "@items"), value))
        else:
            self._push(loop.variable, _Variable((*path, "@keys"), key))

    def _is_bind(self, loop: Loop) -> bool:
        return (
            loop.over.kind == "list"
            and not loop.over.parts
            and loop.condition.kind == "constant"
            and loop.condition.value is False
            and loop.result_variable != _ACCUMULATORS[1]
        )

    def _bind(self, node: Node, loop: Loop) -> Range:
        cost = self._cost(loop.over).plus(self._cost(loop.start))
        self._push(loop.result_variable, self._bound(loop.start))
        cost = cost.plus(self._cost(loop.result))
        self._variables[loop.result_variable].pop()
        self._copy(node, loop.result)
        return cost

    def _bound(self, node: Node) -> _Variable:
        return _Variable(self._path(node), self._known_size(node), self._entries_of(node))

    def _push(self, name: str, variable: _Variable) -> None:
        self._variables.setdefault(name, []).append(variable)

    def _variable(self, name: str) -> _Variable | None:
        stack = self._variables.get(name)
        return stack[-1] if stack else None

    def _copy(self, node: Node, source: Node) -> None:
        self._remember(node, self._known_size(source))
        entries = self._entries_of(source)
        if entries:
            self._entries[node.id] = entries

    def _remember(self, node: Node, size: Range | None) -> None:
        if size is not None:
            self._sizes[node.id] = size

    def _path(self, node: Node) -> _Path:
        if node.kind == "ident":
            found = self._variable(node.name)
            if found:
                return found.path
        return self._paths.get(node.id, ())

    def _entries_of(self, node: Node) -> _Entries | None:
        known = self._entries.get(node.id)
        if known is None and node.kind == "ident":
            found = self._variable(node.name)
            return found.entries if found else None
        return known

    def _size(self, node: Node) -> Range:
        return self._known_size(node) or UNKNOWN

    def _known_size(self, node: Node) -> Range | None:
        if node.id in self._sizes:
            return self._sizes[node.id]
        if node.kind in ("constant", "list", "map"):
            return exactly(_literal_size(node))
        declared = self._declaration(self._path(node))
        if declared:
            return self._sizes.setdefault(node.id, Range(0, declared.largest))
        if _is_scalar(self._tree.type_of(node)):
            return ONE
        found = self._variable(node.name) if node.kind == "ident" else None
        return found.size if found else None

    def _operand(self, node: Node) -> Operand:
        path = self._path(node)
        if path and path[0] in _ACCUMULATORS:
            path = ()
        type_ = self._type(node, path)
        item = self._declaration((*path, "@items")) if path else None
        items = Range(0, item.largest) if item else UNKNOWN
        return Operand(node, type_, self._size(node), items)

    def _declaration(self, path: _Path) -> Declared | None:
        """What a path leads to. Its first step is a variable, which counts as `self`."""
        found: Declared | None = self._declared if path else None
        for step in path[1:]:
            if found is None:
                return None
            if step in ("@items", "@values"):
                found = found.element
            elif step == "@keys":
                found = _KEY if found.kind == "map" else None
            else:
                found = found.fields.get(step)
        return found

    def _type(self, node: Node, path: _Path) -> Type:
        """The type of a node; by the declaration where messages cannot express it."""
        checked = self._tree.type_of(node)
        declared = self._declaration(path) if checked.kind in _LOOSE else None
        return _checked_type(declared) if declared else checked

    def _kind(self, node: Node) -> str:
        kind = self._type(node, self._path(node)).kind
        # Messages are known by their full names.
        return "object" if "." in kind else kind


_KEY = Declared("string", 2)


def _checked_type(declared: Declared) -> Type:
    inner = declared.element
    if inner is None:
        return Type(declared.kind)
    key = (Type("string"),) if declared.kind == "map" else ()
    return Type(declared.kind, (*key, _checked_type(inner)))


def _literal_size(node: Node) -> int:
    if node.kind == "constant":
        return len(node.value) if isinstance(node.value, (str, bytes)) else 1
    return len(node.parts) // (2 if node.kind == "map" else 1)


def _is_scalar(type_: Type) -> bool:
    if type_.kind == "optional_type":
        return _is_scalar(type_.parameters[0])
    return type_.kind in _SCALARS

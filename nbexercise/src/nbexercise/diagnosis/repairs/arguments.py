"""Edits to calls, attributes, indices, slices and tuples."""

import ast
import builtins
import itertools
import re
from collections.abc import Iterator
from typing import Any

from .edits import COMMON, LIKELY, LITERALS, ODD, RARE, SHORT, Edit, Site, expression, quoted, swaps

__all__ = ["RULES", "transposed"]

FUNCTIONS = {
    "max": ("min", "mean", "sum", "maximum"),
    "min": ("max", "minimum"),
    "mean": ("sum", "max", "median"),
    "sum": ("mean", "max", "prod"),
    "median": ("mean",),
    "prod": ("sum",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "floor": ("ceil",),
    "ceil": ("floor",),
    "round": ("floor", "ceil"),
    "ones": ("zeros",),
    "ones_like": ("zeros_like",),
    "zeros": ("ones",),
    "zeros_like": ("ones_like",),
    "empty": ("zeros",),
    "empty_like": ("zeros_like",),
    **dict.fromkeys(("log10", "log2", "log1p"), ("log",)),
    **dict.fromkeys(("exp2", "expm1"), ("exp",)),
    "add": ("subtract",),
    "subtract": ("add",),
    **dict.fromkeys(("sin", "sinh", "tan"), ("tanh",)),
}
CONVERSIONS = ("astype", "copy", "round")
COPIES = ("copy", "array", "asarray")
LIMITS = ("max", "min", "maximum", "minimum", "clip")
ORDERED = ("flatten", "ravel", "reshape")
CONDITIONAL = ("np.where",)
INVERSES = ("np.linalg.inv", "np.linalg.pinv")
PRODUCTS = ("dot", "matmul")
METHODS: tuple[str, ...] = ("argmax", "copy", "flatten", "max", "mean", "min", "ravel", "sum")
METHODS += ("lower", "upper", "strip", "split", "items", "keys", "values", "isdigit", "isalpha")
BUILTINS: dict[str, tuple[str, ...]] = {
    "any": ("all",),
    "all": ("any",),
    "max": ("min",),
    "min": ("max",),
    "len": ("sum",),
}
BUILTINS |= {"sum": ("len", "max"), "int": ("round",)}
REDUCTIONS = ("sum", "max", "min", "mean", "amax", "amin", "argmax", "prod")
AXES = ("0", "1", "-1", "2", "3", "(0, 1)", "(0, 1, 2)", "(1, 2)")
MOST_SWAPPED = 5  # arguments of a call that are swapped
MOST_SIZES = 8  # sizes that are tried as the stop of a range
MOST_INDICES = 4  # indices of an array


def transposed(site: Site) -> Iterator[Edit]:
    """Yield the edit that transposes an array, or removes its `.T`."""
    node = site.place.get()
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield site.put(node.value, f"{quoted(node.value)} is transposed, but should not be", COMMON)
    elif not isinstance(node, ast.Constant):
        new = ast.Attribute(node, "T", ast.Load())
        yield site.put(new, f"{quoted(node)} is not transposed, but should be", COMMON)


def _attribute(site: Site, node: ast.Attribute) -> Iterator[Edit]:
    own = ast.unparse(node)
    if own in site.variables.attributes and isinstance(node.ctx, ast.Load):
        for other in site.variables.attributes:
            if other != own:
                yield site.put(other, f"{own} is used where {other} belongs", LIKELY)
    for other in FUNCTIONS.get(node.attr, ()):
        clause = f"{node.attr} is used where {other} belongs"
        yield site.set(node, "attr", other, clause, COMMON, clause)
    if node.attr == "T":
        yield from transposed(site)
    if node.attr == "sign" and site.place.name != "func":  # a name for the function
        clause = f"{quoted(node)} is -1 for negative numbers, where 0 belongs"
        yield site.put("(lambda z: np.sign(z).clip(0))", clause, LIKELY)
    if node.attr in METHODS and site.place.name != "func":
        clause = f"{quoted(node)} is not called: its parentheses are missing"
        yield site.put(ast.Call(node, [], []), clause, COMMON, f"call {node.attr}")


def _without(items: list[Any], place: int) -> list[Any]:
    return items[:place] + items[place + 1 :]


def _with(items: list[Any], place: int, item: Any) -> list[Any]:
    return [*items[:place], item, *items[place + 1 :]]


# Indices, slices and tuples


def _index(site: Site, node: ast.Subscript) -> Iterator[Edit]:
    index, array = node.slice, quoted(node.value)
    if isinstance(node.value, LITERALS):
        return
    if isinstance(node.ctx, ast.Load):
        clause = f"[{ast.unparse(index)[:SHORT]}] after {array} does not belong there"
        yield site.put(node.value, clause, RARE)
        new = ast.Call(ast.Attribute(node, "copy", ast.Load()), [], [])
        clause = f"{quoted(node)} is a view, so changing it also changes {array}"
        yield site.put(new, clause, ODD)
    if isinstance(index, ast.Name | ast.Constant):
        column = ast.Tuple([ast.Slice(), index], ast.Load())
        clause = f"{ast.unparse(index)} indexes the first axis of {array}, not the second"
        yield site.set(node, "slice", column, clause, LIKELY, "column")
    if isinstance(index, ast.Name):
        for name in site.variables.indices({index.id}):
            clause = f"{name} is missing from the index of {array}"
            for text in (f"{index.id}, {name}", f"{name}, {index.id}"):
                yield site.set(node, "slice", expression(text), clause, RARE, clause)


def _indices(site: Site, node: ast.Subscript) -> Iterator[Edit]:
    if not isinstance(index := node.slice, ast.Tuple):
        return
    array, items = quoted(node.value), index.elts
    for i, j, swapped in swaps(items):
        a, b = ast.unparse(items[i]), ast.unparse(items[j])
        clause = f"{a} and {b} are swapped in the index of {array}"
        yield site.set(index, "elts", swapped, clause, COMMON, f"{a} {b} {i}")
    for place, item in enumerate(items if len(items) > 1 else ()):
        clause = f"{ast.unparse(item)} does not belong in the index of {array}"
        yield site.set(index, "elts", _without(items, place), clause, LIKELY, f"{place} without")
    inside = {n.id for n in ast.walk(index) if isinstance(n, ast.Name)}
    for name in site.variables.indices(inside) if len(items) < MOST_INDICES else ():
        for place in range(len(items) + 1):
            more = [*items[:place], ast.Name(name, ast.Load()), *items[place:]]
            clause = f"{name} is missing from the index of {array}"
            yield site.set(index, "elts", more, clause, RARE, f"{name} {place} with")


def _slice(site: Site, node: ast.Slice) -> Iterator[Edit]:
    text = quoted(node)
    for side, verb in (("lower", "starts"), ("upper", "stops")):
        bound = getattr(node, side)
        if bound is None:
            continue
        for operator, word in ((ast.Sub(), "late"), (ast.Add(), "early")):
            new = ast.BinOp(bound, operator, ast.Constant(1))
            clause = f"the slice {text} {verb} one element too {word}"
            yield site.set(node, side, new, clause, COMMON, f"{side} {word}")
        clause = f"{quoted(bound)} does not belong in the slice {text}"
        yield site.set(node, side, None, clause, LIKELY, f"{side} gone")
    lower, upper = node.lower, node.upper
    if isinstance(upper, ast.UnaryOp) and isinstance(upper.op, ast.USub):
        new_upper = expression(f"-({ast.unparse(upper.operand)}) or None")
        clause = f"the slice {text} is empty if {quoted(upper.operand)} is 0, because -0 is 0"
        yield site.set(node, "upper", new_upper, clause, COMMON, "upper zero")
    if lower is not None and upper is not None:
        new = ast.BinOp(lower, ast.Add(), upper)
        index = quoted(upper)
        clause = f"the slice {text} ends at index {index}, but should have length {index}"
        yield site.set(node, "upper", new, clause, COMMON, "upper length")


def _items(site: Site, node: ast.Tuple | ast.List) -> Iterator[Edit]:
    items = node.elts
    if isinstance(site.parent, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    for i, j, swapped in swaps(items):
        clause = f"{quoted(items[i])} and {quoted(items[j])} are swapped"
        yield site.set(node, "elts", swapped, clause, COMMON, f"{i} {j}")
    for place, item in enumerate(items if len(items) > 1 else ()):
        clause = f"{quoted(item)} does not belong in {quoted(node)}"
        yield site.set(node, "elts", _without(items, place), clause, RARE, f"{place} without")


def _list(site: Site, node: ast.expr) -> Iterator[Edit]:
    """Yield the edits that make an array of a list, or use its only item."""
    only = node.elts[0] if isinstance(node, ast.List) and len(node.elts) == 1 else None
    if only and not isinstance(only, ast.Starred):
        clause = f"the brackets around {quoted(only)} make a list"
        yield site.put(only, clause, COMMON, "brackets")
    clause = f"{quoted(node)} is a list, not an array"
    yield site.put(ast.Call(expression("np.array"), [node], []), clause, COMMON, "array of a list")


def _filter(site: Site, node: Any) -> Iterator[Edit]:
    """Yield the edits that take a condition out of a comprehension."""
    for part in node.generators:
        for place, condition in enumerate(part.ifs):
            rest = _without(part.ifs, place)
            clause = f"the condition {quoted(condition)} does not belong there"
            yield site.set(part, "ifs", rest, clause, LIKELY, f"if {place}")


# Calls


def _last(node: ast.Call) -> str:
    """Return the name of the called function or method."""
    return ast.unparse(node.func).rpartition(".")[2]


def _call(site: Site, node: ast.Call) -> Iterator[Edit]:
    if not any(isinstance(arg, ast.Starred) for arg in node.args):
        for rule in (
            _arguments,
            _removed,
            _product,
            _reshape,
            _range,
            _reduction,
            _elementwise,
            _einsum,
            _inverse,
            _average,
            _length,
            _popped,
            _builtin,
        ):
            yield from rule(site, node)


def _is_condition(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare | ast.BoolOp)


def _arguments(site: Site, node: ast.Call) -> Iterator[Edit]:
    called = ast.unparse(node.func)
    if called != "range":
        for i, j, swapped in swaps(node.args[:MOST_SWAPPED]):
            if called in CONDITIONAL and i == 0 and _is_condition(node.args[0]):
                continue  # a condition is no value
            swapped += node.args[MOST_SWAPPED:]
            a, b = quoted(node.args[i]), quoted(node.args[j])
            clause = f"{a} and {b} are swapped in {called}(...)"
            yield site.set(node, "args", swapped, clause, COMMON, f"{called} {i} {j}")
    for place, keyword in enumerate(node.keywords):
        text, rest = ast.unparse(keyword), _without(node.keywords, place)
        clause = f"{text} does not belong in {called}(...)"
        yield site.set(node, "keywords", rest, clause, COMMON, f"{called} {text}")
    if isinstance(node.func, ast.Name) and called not in dir(builtins):
        new = ast.Subscript(node, ast.Constant(0), ast.Load())
        clause = f"only the first element of the result of {called}(...) belongs there"
        yield site.put(new, clause, COMMON, f"first of {called}")


def _inverse(site: Site, node: ast.Call) -> Iterator[Edit]:
    called = ast.unparse(node.func)
    if called in INVERSES and len(node.args) == 1:
        new = ast.Attribute(node.args[0], "T", ast.Load())
        clause = f"{called}(...) inverts {quoted(node.args[0])} where its transpose belongs"
        yield site.put(new, clause, COMMON, "transpose")


def _average(site: Site, node: ast.Call) -> Iterator[Edit]:
    """Yield the edit that makes a weighted average a weighted sum."""
    weights = [keyword.value for keyword in node.keywords if keyword.arg == "weights"]
    if ast.unparse(node.func) == "np.average" and weights:
        total = ast.Call(expression("np.sum"), weights, [])
        clause = "np.average(...) divides by the sum of its weights"
        yield site.put(ast.BinOp(node, ast.Mult(), total), clause, COMMON, "weighted sum")


def _length(site: Site, node: ast.Call) -> Iterator[Edit]:
    """Yield the edit that counts columns instead of rows."""
    if ast.unparse(node.func) == "len" and node.args and isinstance(node.args[0], ast.Name):
        name = node.args[0].id
        if isinstance(site.parent, ast.BinOp):
            for number, fault in ((-1, "large"), (1, "small")):
                new = ast.BinOp(node, ast.Add(), ast.Constant(number))
                yield site.put(new, f"len({name}) is too {fault} by 1", LIKELY, f"length {fault}")
        clause = f"len({name}) counts rows where the number of columns belongs"
        yield site.put(f"{name}.shape[1]", clause, COMMON, "columns")


def _builtin(site: Site, node: ast.Call) -> Iterator[Edit]:
    """Yield the edits that call another function of Python."""
    if isinstance(node.func, ast.Name):
        for other in BUILTINS.get(node.func.id, ()):
            clause = f"{node.func.id} is used where {other} belongs"
            yield site.set(node.func, "id", other, clause, COMMON, clause)


def _popped(site: Site, node: ast.Call) -> Iterator[Edit]:
    """Yield the edits that take the first item of a list instead of the last, or the reverse."""
    if isinstance(node.func, ast.Attribute) and node.func.attr == "pop" and not node.keywords:
        texts = [ast.unparse(arg) for arg in node.args]
        if texts in ([], ["0"]):
            ends, args = ("first", "last"), [] if texts else [ast.Constant(0)]
            clause = "{} takes the {} item where the {} belongs"
            clause = clause.format(quoted(node), *(ends if texts else ends[::-1]))
            yield site.set(node, "args", args, clause, COMMON, "pop")


def _removed(site: Site, node: ast.Call) -> Iterator[Edit]:
    """Yield the edits that replace a call with its argument, or a copied array with zeros."""
    called, last, args = ast.unparse(node.func), _last(node), node.args
    is_method = isinstance(node.func, ast.Attribute) and not called.startswith("np.")
    array = node.func.value if is_method else None  # type: ignore[attr-defined]
    if called == "range":
        return
    if array and args and last in CONVERSIONS:
        clause = f".{last}({quoted(args[0])}) does not belong there"
        yield site.put(array, clause, COMMON, f"without {last}")
    elif args and (last == "round" or len(args) == 1 and not node.keywords):
        clause = f"{called}(...) does not belong there"
        yield site.put(args[0], clause, COMMON if len(args) > 1 else LIKELY, f"without {called}")
    if array and not args:
        clause = f".{last}() does not belong there"
        yield site.put(array, clause, LIKELY, f"without {last}")
    if args and last in ORDERED and isinstance(args[-1], ast.Constant) and args[-1].value == "F":
        clause = f"{quoted(node)} takes the numbers in another order, because of {quoted(args[-1])}"
        yield site.set(node, "args", args[:-1], clause, COMMON, "order")
    for place, arg in enumerate(args[:2] if last in LIMITS and len(args) > 1 else ()):
        clause = f"{called}(...) around {quoted(arg)} does not belong there"
        yield site.put(arg, clause, LIKELY, f"without {called} {place}")
    copied = args[0] if args else array
    if copied and last in COPIES:
        clause = f"{quoted(node)} starts with the values of {quoted(copied)} instead of zeros"
        new = ast.Call(expression("np.zeros_like"), [copied], [])
        yield site.put(new, clause, LIKELY, f"zeros {last}")


def _reshape(site: Site, node: ast.Call) -> Iterator[Edit]:
    """Yield the edit that transposes a matrix instead of reshaping it."""
    if _last(node) != "reshape" or not isinstance(node.func, ast.Attribute):
        return
    is_method = ast.unparse(node.func) != "np.reshape"
    array, *sizes = [node.func.value, *node.args] if is_method else node.args
    if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple):
        sizes = sizes[0].elts
    if len(sizes) == 2:
        shape = ast.Tuple([sizes[1], sizes[0]], ast.Load())
        new = ast.Attribute(ast.Call(expression("np.reshape"), [array, shape], []), "T", ast.Load())
        clause = f"{quoted(node)} does not transpose: reshape keeps the order of the numbers"
        yield site.put(new, clause, COMMON, "transpose")


def _product(site: Site, node: ast.Call) -> Iterator[Edit]:
    called, last, args = ast.unparse(node.func), _last(node), node.args
    if last not in (*PRODUCTS, "outer"):
        return
    if last in PRODUCTS and len(args) == 2:
        product = ast.BinOp(args[0], ast.Mult(), args[1])
        clause = f"{called}(...) is a matrix product where an element-wise product belongs"
        yield site.put(product, clause, COMMON, "no matrix product")
        new = ast.Call(expression("np.sum"), [product], [])
        clause = (
            f"{called}(...) is a matrix product where the sum of an element-wise product belongs"
        )
        yield site.put(new, clause, COMMON, "no dot")
    for place, arg in enumerate(args):
        yield from transposed(site.at(node, "args", place))
        if isinstance(arg, ast.BinOp) and isinstance(arg.op, ast.Add):
            rest = ast.Call(node.func, _with(args, place, arg.left), node.keywords)
            clause = f"{quoted(arg.right)} is added inside {called}(...); add it outside"
            yield site.put(ast.BinOp(rest, ast.Add(), arg.right), clause, COMMON, f"out {place}")
    if len(args) == 1 and isinstance(node.func, ast.Attribute):
        yield from transposed(site.at(node.func, "value"))


def _range(site: Site, node: ast.Call) -> Iterator[Edit]:
    text, args = quoted(node), node.args
    if ast.unparse(node.func) != "range" or not args:
        return
    if isinstance(site.parent, ast.BinOp):
        array = ast.Call(expression("np.arange"), args, [])
        yield site.put(array, f"{text} is no array, unlike np.arange(...)", COMMON, "arange")
    stop = 0 if len(args) == 1 else 1
    for place, verb in {stop: "stops", 0: "starts"}.items() if stop else [(0, "stops")]:
        for operator, word in ((ast.Add(), "early"), (ast.Sub(), "late")):
            new = _with(args, place, ast.BinOp(args[place], operator, ast.Constant(1)))
            clause = f"{text} {verb} one index too {word}"
            yield site.set(node, "args", new, clause, COMMON, f"range {verb} {word}")
    if len(args) == 3:
        clause = f"the step {quoted(args[2])} does not belong in {text}"
        yield site.set(node, "args", args[:2], clause, COMMON, "range step")
    start, rank = (0, COMMON) if stop else (1, RARE)
    new = [ast.Constant(start), *args[stop:]]
    yield site.set(node, "args", new, f"{text} should start at {start}", rank, f"range {start}")
    for size in site.variables.sizes[:MOST_SIZES]:
        if size != ast.unparse(args[stop]):
            name, _, axis = size.partition(".shape")
            clause = f"{text} does not match the length of axis {axis[1:-1]} of {name}"
            new = _with(args, stop, expression(size))
            yield site.set(node, "args", new, clause, LIKELY, f"range {size}")


def _reduction(site: Site, node: ast.Call) -> Iterator[Edit]:
    """Yield the edits that change the axis of a reduction, or move a term out of it."""
    called = ast.unparse(node.func)
    if _last(node) not in REDUCTIONS:
        return
    first = node.args[0] if node.args else None
    inside = first.elt if isinstance(first, ast.GeneratorExp | ast.ListComp) else first
    if isinstance(inside, ast.BinOp) and isinstance(inside.op, ast.Add):
        rest: ast.expr = inside.left
        if isinstance(first, ast.GeneratorExp | ast.ListComp):
            rest = type(first)(inside.left, first.generators)
        inner = ast.Call(node.func, [rest, *node.args[1:]], node.keywords)
        clause = f"{quoted(inside.right)} is inside {called}(...), so it is added for every element"
        for term in (inside.right, expression(f"({ast.unparse(inside.right)}).sum()")):
            total = ast.BinOp(inner, ast.Add(), term)
            yield site.put(total, clause, COMMON, f"inside {called}")
    if not isinstance(node.func, ast.Attribute):
        return
    keywords = {keyword.arg: keyword for keyword in node.keywords}
    keeps = ast.keyword("keepdims", ast.Constant(True))
    more = [] if "keepdims" in keywords else [keeps]
    if "axis" in keywords or len(node.args) > called.startswith("np."):
        if more:
            clause = f"keepdims=True is missing from {called}(...), so the axis is dropped"
            new = [*node.keywords, *more]
            yield site.set(node, "keywords", new, clause, COMMON, f"{called} keepdims")
        axis = ast.unparse(keywords["axis"].value) if "axis" in keywords else ""
        clause = f"axis={axis} is the wrong axis in {called}(...)"
        for other in AXES if axis else ():
            if other != axis:
                key, axis_node = f"axis {other}", expression(other)
                yield site.set(keywords["axis"], "value", axis_node, clause, COMMON, key)
        return
    clause = f"{called}(...) has no axis argument, so it reduces the whole array"
    for other in AXES:
        axes = [*node.keywords, ast.keyword("axis", expression(other))]
        for new in (axes, [*axes, *more])[: 1 + len(more)]:
            key = f"{called} {other} {len(new) - len(node.keywords)}"
            yield site.set(node, "keywords", new, clause, COMMON, key)


def _elementwise(site: Site, node: ast.Call) -> Iterator[Edit]:
    """Yield the edits of functions that are applied to each element."""
    called, args = f"{ast.unparse(node.func)}(...)", node.args
    if _last(node) == "clip" and len(args) >= 2:
        clause = f"{called} cuts off what is above {quoted(args[-1])}"
        limits = [*args[:-1], ast.Constant(None)]
        yield site.set(node, "args", limits, clause, COMMON, "no upper limit")
    if len(args) != 1 or not called.startswith("np."):
        return
    (arg,) = args
    if _last(node) == "sign":
        clause = f"{called} is -1 for a negative number, where 0 belongs"
        yield site.put(f"({ast.unparse(arg)} > 0)", clause, COMMON, "positive")
    if isinstance(arg, ast.BinOp) and isinstance(arg.op, ast.Pow):
        new = ast.BinOp(ast.Call(node.func, [arg.left], node.keywords), arg.op, arg.right)
        clause = f"** {quoted(arg.right)} is inside {called} and belongs outside"
        yield site.put(new, clause, COMMON, "power outside")
    square = ast.BinOp(node, ast.Pow(), ast.Constant(2))
    yield site.put(square, f"{called} is not squared", RARE, "square")
    for operator, size in ((ast.Div(), "twice"), (ast.Mult(), "half")):
        other = ast.BinOp(arg, operator, ast.Constant(2))
        clause = f"the argument of {called} is {size} what it should be"
        yield site.set(node, "args", [other], clause, RARE, f"argument {size}")


def _einsum(site: Site, node: ast.Call) -> Iterator[Edit]:
    constant = node.args[0] if node.args else None
    if _last(node) != "einsum" or not isinstance(constant, ast.Constant):
        return
    text = constant.value
    if not isinstance(text, str):
        return
    letters = sorted({letter for letter in text if letter.isalpha()})
    parts = re.split("(,|->)", text)
    for place in range(0, len(parts), 2):
        part = list(parts[place])
        is_output = place > 0 and parts[place - 1] == "->"
        of = f'{"the output" if is_output else f"operand {place // 2 + 1}"} of "{text}"'
        for i, j in itertools.combinations(range(len(part)), 2):
            clause = f"the letters {part[i]} and {part[j]} are swapped in {of}"
            new = _with(_with(part, i, part[j]), j, part[i])
            yield _with_letters(site, constant, parts, place, new, clause)
        for i, wrong in enumerate(part):
            clause = f"the letter {wrong} is wrong in {of}"
            for letter in letters:
                if letter not in part:
                    new = _with(part, i, letter)
                    yield _with_letters(site, constant, parts, place, new, clause)


def _with_letters(
    site: Site, constant: ast.Constant, parts: list[str], place: int, part: list[str], clause: str
) -> Edit:
    new = "".join(_with(parts, place, "".join(part)))
    return site.set(constant, "value", new, clause, COMMON, new)


RULES: dict[type, tuple[Any, ...]] = {
    ast.Attribute: (_attribute,),
    ast.Subscript: (_index, _indices),
    ast.Slice: (_slice,),
    ast.Tuple: (_items,),
    ast.List: (_items, _list),
    ast.ListComp: (_list, _filter),
    **dict.fromkeys((ast.GeneratorExp, ast.SetComp, ast.DictComp), (_filter,)),
    ast.Call: (_call,),
}

"""What `expand[]` asks for: checked against Stripe's own list of expandable fields, then put in place of the ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peakops.sandbox.vendors.stripe.envelope import Refusal
from peakops.sandbox.vendors.stripe.fields import EXPANDABLE
from peakops.sandbox.vendors.stripe.resources import COLLECTION_OF
from peakops.sandbox.vendors.stripe.store import Object, at, index_of, mode_of
from peakops.sandbox.wire import State

MAXIMUM_DEPTH = 4
INCLUDED_AT_MOST = 10
"""How many elements of a list stand within another object."""

LIST_OF = "list of "

Tree = dict[str, Any]
"""By expandable field (a dotted path): the tree of what is to be expanded within it."""


@dataclass(frozen=True)
class View:
    """The world as a key of one mode sees it."""

    state: State
    mode: str


def tree_for(kind: str, paths: Iterable[str], *, in_list: bool = False) -> Tree:
    """The tree of what is asked for; a path that Stripe does not expand is refused."""
    tree: Tree = {}
    for path in paths:
        parts = path.split(".")
        if len(parts) > MAXIMUM_DEPTH:
            message = f"You cannot expand more than {MAXIMUM_DEPTH} levels of a property. Property: {path}"
            raise Refusal(400, message, param="expand")
        if in_list and (parts[0] != "data" or len(parts) == 1):
            hint = f" You may want to try expanding 'data.{path}' instead." if parts[0] != "data" else ""
            raise Refusal(400, f"This property cannot be expanded ({path}).{hint}", param="expand")
        grow(tree, kind, parts[1:] if in_list else parts, path)
    return tree


def grow(tree: Tree, kind: str, parts: list[str], path: str) -> None:
    """Put one path into the tree, field by field."""
    known = EXPANDABLE.get(kind, {})
    for length in range(1, len(parts) + 1):
        field = ".".join(parts[:length])
        if field not in known:
            continue
        target, rest = known[field], parts[length:]
        branch = tree.setdefault(field, {})
        if target.startswith(LIST_OF) and rest:
            if rest.pop(0) != "data" or not rest:
                break
            target = target.removeprefix(LIST_OF)
        return grow(branch, target, rest, path) if rest else None
    raise Refusal(400, f"This property cannot be expanded ({path}).", param="expand")


def render(view: View, collection: str, found: Object, tree: Tree) -> Object:
    """An object as it is answered: ids where nothing else was asked for, and no lists within it unless asked for."""
    if found.get("deleted"):
        return {"id": found["id"], "object": found["object"], "deleted": True}
    shown = dict(found)
    for field, target in EXPANDABLE.get(found["object"], {}).items():
        if target.startswith(LIST_OF):
            if "." not in field:
                shown.pop(field, None)
            if field in tree:
                put(shown, field, sublist(view, collection, found, field, tree[field]))
            continue
        value = at(found, field)
        if isinstance(value, str) and field in tree:
            put(shown, field, behind(view, value, target, tree[field]))
        elif isinstance(value, dict) and "id" in value and field not in tree:
            put(shown, field, value["id"])
    return shown


def behind(view: View, identifier: str, kind: str, tree: Tree) -> Any:
    """The object behind an id, or the id where the world does not hold the object."""
    collection = COLLECTION_OF.get(kind)
    found = index_of(view.state, collection).get(identifier) if collection else None
    if collection is None or found is None:
        return identifier
    return render(view, collection, found, tree)


def sublist(view: View, collection: str, found: Object, field: str, tree: Tree) -> dict[str, Any]:
    """A list that stands within an object; a charge's refunds are those of the world."""
    url = f"/v1/{collection}/{found['id']}/{field}"
    if field != "refunds":
        given = at(found, field)
        return given if isinstance(given, dict) else {"object": "list", "data": [], "has_more": False, "url": url}
    index = index_of(view.state, "refunds")
    refunds = [index.objects[rank] for rank in index.where("charge", found["id"])]
    refunds = [refund for refund in refunds if mode_of(view.state, "refunds", refund) == view.mode]
    shown = [render(view, "refunds", refund, tree) for refund in refunds[:INCLUDED_AT_MOST]]
    return {"object": "list", "data": shown, "has_more": len(refunds) > INCLUDED_AT_MOST, "url": url}


def put(shown: Object, field: str, value: Any) -> None:
    """Set a dotted field of an answer; what lies on the way is copied, so that the world's object stays as it is."""
    *way, last = field.split(".")
    holder = shown
    for name in way:
        inner = holder.get(name)
        if not isinstance(inner, dict):
            return
        holder[name] = dict(inner)
        holder = holder[name]
    holder[last] = value

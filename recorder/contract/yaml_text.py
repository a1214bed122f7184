"""YAML as a door receives it: walked before it is built, bounded in size, depth and nodes, without aliases and tags.

The walk is libyaml's parser alone: 1 MiB of `[` takes the pure Python loader 1.5 s and crashes the C one.
"""

from collections.abc import Hashable
from datetime import date
from typing import Any

import yaml

from recorder.contract.faults import Refused, fault
from recorder.contract.json_text import MOST_BYTES, MOST_DEPTH

MOST_NODES = 10_000
_MOST_OF_A_NUMBER = 64  # characters


class _Loader(yaml.CSafeLoader):
    """The safe loader, which takes no key twice, no endless number, and 1:30 as YAML 1.2 does: as text.

    In YAML 1.1 that is a number to the base of 60, and one of 100,000 places keeps the constructor busy for minutes.
    """

    def construct_number(self, node: yaml.ScalarNode) -> object:
        """What an int or float spells."""
        if len(node.value) > _MOST_OF_A_NUMBER:
            raise yaml.constructor.ConstructorError(None, None, "a number is too long", node.start_mark)
        if ":" in node.value:
            return node.value
        is_int = node.tag == "tag:yaml.org,2002:int"
        return self.construct_yaml_int(node) if is_int else self.construct_yaml_float(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(keys)) != len(keys):
            raise yaml.constructor.ConstructorError(None, None, "a key stands twice in one mapping", node.start_mark)
        return super().construct_mapping(node, deep)


for _kind in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _Loader.construct_number)


def read_yaml(body: bytes) -> object:
    """The value of a UTF-8 YAML text, as JSON could spell it.

    Raises Refused: 413 above MOST_BYTES; 400 when it is no YAML, has an alias, an anchor, a tag, a key twice in one
    mapping or a second document, or is nested deeper than MOST_DEPTH or larger than MOST_NODES.
    """
    if len(body) > MOST_BYTES:
        raise Refused(413, [fault("too_large", "", f"{len(body)} bytes are more than {MOST_BYTES}", 413)])
    try:
        text = body.decode("utf-8")
        _walk(text)
        value: object = yaml.load(text, Loader=_Loader)  # noqa: S506 # because it is CSafeLoader, stricter
    except UnicodeDecodeError as error:
        raise _unreadable(f"not UTF-8 at byte {error.start}") from error
    except yaml.MarkedYAMLError as error:
        where = "" if error.problem_mark is None else f" in line {error.problem_mark.line + 1}"
        raise _unreadable(f"not YAML: {error.problem}{where}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a number or date that can't be one
        raise _unreadable(f"not YAML: {str(error).splitlines()[0][:100]}") from error
    return _plain(value)


def _unreadable(detail: str) -> Refused:
    return Refused(400, [fault("invalid_yaml", "", detail, 400)])


def _walk(text: str) -> None:
    """See the whole text as events and refuse what must not be built."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        match event:
            case yaml.AliasEvent():
                raise _unreadable("aliases are not taken")
            case yaml.DocumentStartEvent():
                documents += 1
            case yaml.CollectionStartEvent():
                depth, nodes = depth + 1, nodes + 1
            case yaml.CollectionEndEvent():
                depth -= 1
            case yaml.ScalarEvent():
                nodes += 1
        if isinstance(event, yaml.NodeEvent) and (event.anchor or getattr(event, "tag", None)):
            raise _unreadable("anchors and tags are not taken")
        if depth > MOST_DEPTH or nodes > MOST_NODES or documents > 1:
            raise _unreadable(f"more than {MOST_NODES} nodes, {MOST_DEPTH} levels or one document")


def _plain(value: object) -> object:
    """The value with dates as the text that they are in JSON."""
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case date():
            return value.isoformat()
        case _:
            return value

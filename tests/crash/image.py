"""What a power cut may leave of a traced disk.

The model. A write, a new length or a name is *pending* until a sync that began after it has ended: fsync and fdatasync
cover the data of their file (of a directory: the names in it), syncfs everything. At a cut behind operation n, what is
not pending stands, and of what is pending this may be:

    kept        all of it
    lost        none of it: names only count once their directory was synced, as POSIX has it
    names       the names, none of the data: a file is short or empty under its final name
    data        the data, none of the names
    zeroed      the names and lengths, the data zeros: a file system that allocates first and writes later
    torn        names in order up to a random one, as a journal keeps them; data by pages of 4096 bytes, each as it
                was at some moment, the newest write only up to some sector of 512
    shuffled    any of the names, each by itself; data by sectors of 512, each as it was at some moment

A rename is one step: before or after it, nothing between. A sector is one step too, and a write harms no byte beside
it. Memory shared between processes (SQLite's -shm) is no disk. Directories that stood when the trace began stand.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.crash.disk import Op, Operation

WAYS = ("kept", "lost", "names", "data", "zeroed", "torn", "shuffled")
SECTOR, PAGE = 512, 4096
_NAMES = {Op.CREATE, Op.RENAME, Op.LINK, Op.UNLINK, Op.MKDIR, Op.RMDIR}
_DATA = {Op.WRITE, Op.LENGTH, Op.ALLOCATE}
CHANGES = _NAMES | _DATA


@dataclass(slots=True)
class Image:
    """Directories and files by path, and the files' bytes."""

    directories: set[str] = field(default_factory=set)
    files: dict[str, int] = field(default_factory=dict)  # path: node
    nodes: dict[int, bytearray] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path) -> "Image":
        """As it stands."""
        image = cls()
        for node, path in enumerate(sorted(root.rglob("*"))):
            if path.is_dir():
                image.directories.add(str(path))
            elif not path.name.endswith("-shm"):
                image.files[str(path)] = -1 - node
                image.nodes[-1 - node] = bytearray(path.read_bytes())
        image.directories.add(str(root))
        return image

    def build(self, root: str, place: Path) -> None:
        """Make what stood below `root` anew at `place`, which is empty."""
        for directory in sorted(self.directories):
            (place / directory[len(root) + 1 :]).mkdir(parents=True, exist_ok=True)
        for path, node in self.files.items():
            (place / path[len(root) + 1 :]).write_bytes(self.nodes.get(node, b""))

    def digest(self) -> bytes:
        """What tells it from others."""
        digest = hashlib.blake2b("\0".join(sorted(self.directories)).encode(), digest_size=16)
        for path, node in sorted(self.files.items()):
            content = self.nodes.get(node, b"")
            digest.update(f"\0{path}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.digest()


class Disk:
    """The operations of a trace, with when each was safe."""

    def __init__(self, start: Image, operations: Sequence[Operation]) -> None:
        self.start = start
        self.operations = operations
        self._nodes = list(_nodes(start, operations))
        self._safe_at = _safe_at(operations, self._nodes)
        self._settled = 0, start  # operations up to which all is safe, and what then stands

    def cuts(self) -> list[int]:
        """The numbers n behind which a cut differs from that behind n - 1."""
        return [n + 1 for n, each in enumerate(self.operations) if each.op not in {Op.SYNC_BEGIN, Op.SYNC_ALL_BEGIN}]

    def after(self, n: int, way: str, seed: int = 0) -> Image:
        """One image that a cut behind operation n may leave."""
        chance = random.Random(f"{n} {way} {seed}")
        first, settled = self._settle(n)
        names = [k for k in range(first, n) if self.operations[k].op in _NAMES]
        pending = [k for k in names if self._safe_at[k] >= n]
        if way in {"lost", "data"}:
            gone = set(pending)
        elif way == "torn":
            last = chance.choice([-1, *pending])
            gone = {k for k in pending if k > last}
        elif way == "shuffled":
            gone = {k for k in pending if chance.random() < 0.5}
        else:
            gone = set()
        image = Image(set(settled.directories), dict(settled.files))
        for k in names:
            if k not in gone:
                self._name(image, k)
        wanted = set(image.files.values())
        image.nodes = {node: bytearray(settled.nodes.get(node, b"")) for node in wanted}
        self._data(image.nodes, range(first, n), way, chance)
        return image

    def _settle(self, n: int) -> tuple[int, Image]:
        """(k, what stands of the operations before k), all of which are safe at a cut behind operation n."""
        first, image = self._settled
        end = next((k for k in range(n) if self.operations[k].op in CHANGES and self._safe_at[k] >= n), n)
        if end < first:
            first, image = 0, self.start
        image = Image(set(image.directories), dict(image.files), {k: bytearray(v) for k, v in image.nodes.items()})
        for k in range(first, end):
            if self.operations[k].op in _NAMES:
                self._name(image, k)
            elif self.operations[k].op in _DATA:
                _do(image.nodes.setdefault(self._nodes[k], bytearray()), self.operations[k])
        self._settled = end, image
        return self._settled

    def _name(self, image: Image, k: int) -> None:
        each = self.operations[k]
        target = each.to or each.path
        if each.op is not Op.UNLINK and str(Path(target).parent) not in image.directories:
            return
        match each.op:
            case Op.MKDIR:
                image.directories.add(each.path)
            case Op.RMDIR:
                image.directories.discard(each.path)
            case Op.CREATE:
                image.files[each.path] = self._nodes[k]
            case Op.UNLINK:
                image.files.pop(each.path, None)
            case Op.RENAME if each.path in image.files:
                image.files[each.to] = image.files.pop(each.path)
            case Op.LINK if each.path in image.files:
                image.files[each.to] = image.files[each.path]

    def _data(self, nodes: dict[int, bytearray], span: range, way: str, chance: random.Random) -> None:
        """Do to the files what came of it to the disk."""
        n = span.stop
        until: dict[tuple[int, int], int] = {}
        for k in span:
            each = self.operations[k]
            if each.op not in _DATA or (node := self._nodes[k]) not in nodes:
                continue
            content = nodes[node]
            if self._safe_at[k] < n or way in {"kept", "data"}:
                _do(content, each)
            elif way == "zeroed":
                _do(content, each, keep=lambda _at: False)
            elif way in {"torn", "shuffled"}:
                unit = PAGE if way == "torn" else SECTOR
                newest = each.offset + chance.randrange(len(each.data) // SECTOR + 1) * SECTOR if k == n - 1 else None
                keep = partial(_came, until, chance, span, (node, unit), k, newest)
                _do(content, each, keep=keep, grow=chance.random() < 0.5)


def _came(
    until: dict[tuple[int, int], int],
    chance: random.Random,
    span: range,
    place: tuple[int, int],
    k: int,
    newest: int | None,
    at: int,
) -> bool:
    """Whether operation k came to the disk there: a unit of a file stands as it was behind some operation."""
    node, unit = place
    key = (node, at // unit)
    if key not in until:
        until[key] = span.stop if chance.random() < 0.5 else chance.randrange(span.start - 1, span.stop)
    return k <= until[key] and (newest is None or at < newest)


def _do(content: bytearray, each: Operation, keep: object = None, *, grow: bool = True) -> None:
    """Do it to a file's bytes; `keep` says of each sector of the file whether it came to the disk."""
    match each.op:
        case Op.LENGTH:
            del content[each.offset :]
            content.extend(bytes(each.offset - len(content)))
        case Op.ALLOCATE:
            content.extend(bytes(max(0, each.offset - len(content))))
        case Op.WRITE:
            end = each.offset + len(each.data)
            if keep is None:
                content.extend(bytes(max(0, end - len(content))))
                content[each.offset : end] = each.data
                return
            if grow:
                content.extend(bytes(max(0, end - len(content))))
            at = each.offset
            while at < end:
                stop = min(end, (at // SECTOR + 1) * SECTOR)
                if keep(at):
                    content.extend(bytes(max(0, stop - len(content))))
                    content[at:stop] = each.data[at - each.offset : stop - each.offset]
                at = stop


def _nodes(start: Image, operations: Iterable[Operation]) -> Iterable[int]:
    """Which file each operation is about: inode numbers are given again to new files."""
    by_inode: dict[int, int] = {}
    by_path = dict(start.files)
    for k, each in enumerate(operations):
        if each.op is Op.CREATE:
            by_inode[each.inode] = k
        elif each.inode > 1 and each.inode not in by_inode:
            by_inode[each.inode] = by_path.get(each.path, -1_000_000 - k)
        yield by_inode.get(each.inode, 0)


def _safe_at(operations: Sequence[Operation], nodes: Sequence[int]) -> list[int]:
    """Behind which operation each is safe; past the trace: never."""
    safe = [len(operations) + 1] * len(operations)
    pending: dict[object, list[int]] = defaultdict(list)  # by file, or by the directory whose name it changes
    begun: dict[int, int] = {}
    for k, each in enumerate(operations):
        if each.op in _DATA:
            pending[nodes[k]].append(k)
        elif each.op in _NAMES:
            pending[str(Path(each.path).parent)].append(k)
        elif each.op in {Op.SYNC_BEGIN, Op.SYNC_ALL_BEGIN}:
            begun[each.offset] = k
        elif each.op in {Op.SYNC_END, Op.SYNC_ALL_END}:
            first = begun.pop(each.offset)
            for key in list(pending) if each.op is Op.SYNC_ALL_END else [nodes[k], each.path]:
                for earlier in pending[key]:
                    if earlier < first:
                        safe[earlier] = k
                pending[key] = [later for later in pending[key] if later > first]
    return safe

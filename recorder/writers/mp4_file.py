"""An MP4 file on the disk: a head, and fragments behind it. It plays at any moment, to its last whole fragment.

Data first, then the head that tells of it.
"""

from collections.abc import Sequence

from recorder.writers.aac import PACKET_FRAMES
from recorder.writers.errors import WriteError
from recorder.writers.mp4_fragments import Place, fragment, places
from recorder.writers.mp4_head import MOST_BYTES, Growth, Mp4Head
from recorder.writers.part import PartFile


def packets_for(frames: int) -> int:
    """The packets from which that many frames are decoded."""
    return -(-frames // PACKET_FRAMES) + 1 if frames else 0


class Mp4File:
    """The packets of one file. Every method raises WriteError.

    `growth` is what the file tells of. A file that was ended has a last packet that is silent in part; to go on behind
    it, `reopen` it: then `behind` is where the next packet goes, and what stands there holds until there is more.
    """

    def __init__(self, file: PartFile) -> None:
        self._file = file
        self._head: Mp4Head
        self.growth = self.behind = Growth(0, 0, 0)

    @property
    def head(self) -> Mp4Head:
        """Its head."""
        return self._head

    def begin(self, head: Mp4Head) -> None:
        """Make it a file of no audio."""
        self._head = head
        self._file.cut(0)
        self.behind = Growth(0, 0, head.size)
        self._tell(self.behind)

    def take_up(self, *, distrust: bool) -> bool:
        """Go on with what is there. False: there is no audio, nor even a head.

        With `distrust` all of it is read, for what a power cut may have torn; else what the head tells is believed, as
        it is written last.
        """
        start = self._file.read(0, MOST_BYTES)
        try:
            head = Mp4Head.found(start)
        except ValueError as error:
            raise WriteError("write_error", f"cannot go on with {self._file.part}: {error}") from error
        if head is None:
            return False
        self._head = head
        told = head.told(start)
        believed = told if told and told.size <= self._file.size and not distrust else Growth(0, 0, head.size)
        found = believed
        for place in places(self._file.read, believed.size, believed.packets):
            packets = place.first + len(place.packets)
            found = Growth((packets - 1) * PACKET_FRAMES, packets, place.end)
        if (
            told
            and (told.packets, told.size) == (found.packets, found.size)
            and packets_for(told.frames) == told.packets
        ):
            found = told
        self.growth = self.behind = found
        return True

    def reopen(self, at_once: int) -> None:
        """Of a file that was ended, let what comes next begin at the fragment that is silent in part, or not full."""
        whole = self.growth.frames == max(0, self.growth.packets - 1) * PACKET_FRAMES
        if not whole or self.growth.packets % at_once:
            place = self._around(self.growth.frames // PACKET_FRAMES // at_once * at_once)
            self.behind = Growth(0, place.first, place.offset)

    def add(self, packets: Sequence[bytes], at_once: int) -> None:
        """Write so many packets as fragments of `at_once`, and a last one of what is left."""
        first, size = self.behind.packets, self.behind.size
        data = b"".join(fragment(first + at, packets[at : at + at_once]) for at in range(0, len(packets), at_once))
        self._file.write(size, data)
        if self.growth.size > size:
            self._file.cut(size + len(data))
        total = first + len(packets)
        self.behind = Growth((total - 1) * PACKET_FRAMES, total, size + len(data))
        self._tell(self.behind)

    def end(self, frames: int) -> int:
        """Let it be exactly that long, of what it holds, on the disk. Gives its size in bytes."""
        packets = packets_for(frames)
        if packets < self.growth.packets:
            self._shrink(packets)
        self._tell(Growth(frames, packets, self.growth.size))
        self._file.cut(self.growth.size)
        self._file.sync()
        return self.growth.size

    def _shrink(self, packets: int) -> None:
        place = self._around(packets)
        kept = place.packets[: packets - place.first]
        data = fragment(place.first, kept) if kept else b""
        self._file.write(place.offset, data)
        self._tell(Growth((packets - 1) * PACKET_FRAMES if packets else 0, packets, place.offset + len(data)))

    def _around(self, packet: int) -> Place:
        """The fragment in which that packet stands."""
        for place in places(self._file.read, self._head.size, 0):
            if packet < place.first + len(place.packets):
                return place
        raise WriteError("write_error", f"{self._file.part} was changed by others: packet {packet} is not there")

    def _tell(self, growth: Growth) -> None:
        self._file.write(0, self._head.pack(growth))
        self.growth = growth

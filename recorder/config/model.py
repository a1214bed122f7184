"""The configuration as the rest of the house sees it: complete, checked, immutable. Times are seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from recorder.config.broker import PORTS
from recorder.contract.limits import WRITABLE, Limits

Listen: TypeAlias = int | Literal["auto", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundsConfig:
    """Bounds of one line's or one format's recordings. `max_age` None: as for the others; 0: none."""

    max_age: float | None = None
    max_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionConfig:
    """When recordings are erased, the oldest first; 0: no bound. `formats` holds those of one format."""

    max_age: float = 0.0
    max_bytes: int = 0
    min_free_bytes: int = 0
    formats: Mapping[str, BoundsConfig] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineConfig:
    """One line. `device` is `alsa:NAME` or `file:PATH`; `speak` and `listen` are channels of it, counted from 0.

    `rate` and `channels` are None for a file whose own are to be taken. `playback` None: the line can't beep. `block`
    0: PortAudio chooses how many frames a callback gets. `defaults` are parameters of a recording, checked; `retention`
    is of the line's own recordings.
    """

    id: str
    device: str
    rate: int | None = None
    channels: int | None = None
    speak: int = 0
    listen: Listen = "auto"
    playback: str | None = None
    latency: float = 0.5
    block: int = 0
    loop: bool = False
    auto_record: Literal["off", "call", "voice"] = "off"
    defaults: Mapping[str, object] = field(default_factory=dict)
    retention: BoundsConfig = field(default_factory=BoundsConfig)

    @property
    def is_file(self) -> bool:
        """Whether a WAV file is played as the line."""
        return self.device.startswith("file:")

    def listen_channel(self, channels: int) -> int | None:
        """The channel of what the party hears, on a device or file of so many; None: the line is speak alone."""
        if self.listen == "auto":
            return 1 if channels == 2 and self.speak == 0 else None
        return None if self.listen == "none" else self.listen


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenConfig:
    """One more token: its name stands in the access log. `read_only`: it may look and listen, and command nothing."""

    name: str
    token: str = field(repr=False)
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttConfig:
    """The broker. `url` "": there is none. `response_prefixes` begin the topics that an answer may be sent to."""

    url: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    version: str = "5"
    prefix: str = "recorder"
    response_prefixes: tuple[str, ...] = ("recorder-reply/",)
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    discovery: bool = False

    @property
    def is_tls(self) -> bool:
        """Whether the broker is talked to over TLS."""
        return urlsplit(self.url).scheme == "mqtts"

    @property
    def host(self) -> str:
        """The broker's host name or address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The broker's port."""
        parts = urlsplit(self.url)
        return parts.port or PORTS[parts.scheme]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookConfig:
    """How events reach status_url. A key "" signs nothing; `allow` holds places, as contract/places.py reads them."""

    signing_key: str = field(default="", repr=False)
    standard_key: str = field(default="", repr=False)
    allow: tuple[str, ...] = ()
    ca: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mp3Config:
    """How format mp3 is encoded. `bit_rate` in kbit/s, 0: by rate and channels; `quality`: LAME's, 0 best to 9."""

    bit_rate: int = 0
    quality: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mp4Config:
    """How format mp4 is encoded. `bit_rate` in kbit/s, 0: by rate and channels."""

    bit_rate: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration. `project_id` "" means the one made at the first start.

    `origins` says for each key that is not at its default where it was given, by dotted name.
    """

    node_id: str
    project_id: str = ""
    space_id: str = ""
    state_dir: Path = Path("/var/lib/recorder")
    recordings_dir: Path = Path("/var/lib/recorder/recordings")
    runtime_dir: Path = Path("/run/recorder")
    control_socket: Path = Path("/run/recorder/control.sock")
    max_length_cap: float = 4 * 3600.0
    device_grace: float = 10.0
    pre_roll_max: float = 0.0
    keep_no_input: bool = False
    headroom_bytes: int = 256 << 20
    floor_bytes: int = 16 << 20
    ring_seconds: float = 30.0
    http_listen: str = "127.0.0.1:8080"
    https_listen: str = "off"
    plain_http: bool = False
    https_cert: Path | None = None
    https_key: Path | None = None
    public_url: str = ""
    token: str = field(default="", repr=False)
    log_level: str = "info"
    tokens: Mapping[str, TokenConfig] = field(default_factory=dict)
    mqtt: MqttConfig = field(default_factory=MqttConfig)
    webhook: WebhookConfig = field(default_factory=WebhookConfig)
    mp3: Mp3Config = field(default_factory=Mp3Config)
    mp4: Mp4Config = field(default_factory=Mp4Config)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    lines: Mapping[str, LineConfig] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

    def limits(self, line: LineConfig, *, listen: bool, formats: tuple[str, ...] = WRITABLE) -> Limits:
        """What a recording of this line may ask for; `listen` says whether it has that channel."""
        return Limits(
            listen=listen,
            playback=line.playback is not None,
            pre_roll_max=self.pre_roll_max,
            ring_seconds=self.ring_seconds,
            formats=formats,
        )

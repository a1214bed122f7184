"""The configuration: files, environment, and every fault at once."""

import pytest

from recorder.config.faults import ConfigRefused
from recorder.config.load import load
from recorder.config.model import Config


@pytest.fixture
def config_of(tmp_path):
    """Load this text as the main file."""

    def load_text(text="", /, environ=None, **drop_ins):
        path = tmp_path / "recorder.toml"
        path.write_text(text)
        (tmp_path / "conf.d").mkdir(exist_ok=True)
        for name, content in drop_ins.items():
            (tmp_path / "conf.d" / f"{name}.toml").write_text(content)
        return load(path, environ or {})

    return load_text


@pytest.fixture
def faults_of(config_of):
    """The faults of this text, by key."""

    def load_text(*args, **kwargs):
        with pytest.raises(ConfigRefused) as refused:
            config_of(*args, **kwargs)
        return {fault.key: fault for fault in refused.value.faults}

    return load_text


DESK = '[lines.desk]\ndevice = "alsa:hw:1"\n'


def test_empty_file_is_the_defaults(config_of):
    assert config_of() == load(None, {})
    assert config_of() == Config(node_id=config_of().node_id)


def test_line_takes_its_defaults(config_of):
    desk = config_of(DESK).lines["desk"]
    assert (desk.rate, desk.channels, desk.speak, desk.listen_channel(1)) == (8000, 1, 0, None)
    assert (desk.latency, desk.block, desk.loop, desk.playback) == (0.5, 0, False, None)


@pytest.mark.parametrize(
    ("keys", "channels", "listen"),
    [
        ("", 2, 1),
        ("", 1, None),
        ("", 4, None),
        ("speak = 1", 2, None),
        ('listen = "none"', 2, None),
        ("listen = 3", 4, 3),
    ],
)
def test_listen_is_one_where_there_are_two_channels(config_of, keys, channels, listen):
    desk = config_of(f"{DESK}channels = {channels}\n{keys}").lines["desk"]
    assert desk.listen_channel(desk.channels) == listen


def test_file_line_keeps_the_files_own_rate_and_channels(config_of):
    desk = config_of('[lines.desk]\ndevice = "file:/a b.wav"\nloop = true').lines["desk"]
    assert (desk.rate, desk.channels, desk.loop, desk.is_file) == (None, None, True, True)
    assert desk.listen_channel(2) == 1


def test_directories_hang_together(config_of):
    config = config_of('state_dir = "/srv/rec"\nruntime_dir = "/run/x"')
    assert str(config.recordings_dir) == "/srv/rec/recordings"
    assert str(config.control_socket) == "/run/x/control.sock"
    assert str(config_of('state_dir = "/srv/rec"\nrecordings_dir = "/big"').recordings_dir) == "/big"


def test_later_layers_win_key_by_key_and_are_remembered(config_of, tmp_path):
    config = config_of(
        'node_id = "a"\nspace_id = "s"\nlog_level = "error"\n' + DESK,
        environ={"RECORDER_LOG_LEVEL": "debug", "RECORDER_LINES__DESK__RATE": "16000"},
        b='node_id = "c"',
        a='node_id = "b"\n[lines.desk]\nlatency = 1',
    )
    assert (config.node_id, config.space_id, config.log_level) == ("c", "s", "debug")
    assert (config.lines["desk"].rate, config.lines["desk"].latency) == (16000, 1.0)
    assert config.origins == {
        "node_id": str(tmp_path / "conf.d/b.toml"),
        "space_id": str(tmp_path / "recorder.toml"),
        "log_level": "RECORDER_LOG_LEVEL",
        "lines.desk.device": str(tmp_path / "recorder.toml"),
        "lines.desk.rate": "RECORDER_LINES__DESK__RATE",
        "lines.desk.latency": str(tmp_path / "conf.d/a.toml"),
    }


def test_environment_alone_can_make_a_line(config_of):
    config = config_of(
        environ={
            "RECORDER_LINES__FRONT_DESK__DEVICE": "alsa:hw:1",
            "RECORDER_LINES__FRONT_DESK__CHANNELS": "2",
            "RECORDER_LINES__FRONT_DESK__LISTEN": "none",
            "RECORDER_LINES__FRONT_DESK__DEFAULTS__MAX_LENGTH": "60",
            "RECORDER_LINES__FRONT_DESK__DEFAULTS__TERMINATORS": "1",
            "RECORDER_KEEP_NO_INPUT": "true",
            "RECORDER_CFLAGS": "-g",
            "PATH": "/bin",
        }
    )
    line = config.lines["front-desk"]
    assert (line.channels, line.listen) == (2, "none")
    assert line.defaults == {"max_length": 60, "terminators": "1"}
    assert config.keep_no_input


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("node_id", '"A"'),
        ("node_id", '"a/b"'),
        ("node_id", '"a\\n"'),
        ("node_id", "3"),
        ("project_id", "3"),
        ("space_id", '"\\u0000"'),
        ("state_dir", '"relative"'),
        ("state_dir", '"/a/../b"'),
        ("runtime_dir", '"/"'),
        ("runtime_dir", f'"/{"x" * 90}"'),
        ("recordings_dir", '""'),
        ("control_socket", f'"/{"x" * 107}"'),
        ("max_length_cap", "0"),
        ("max_length_cap", "nan"),
        ("device_grace", "-1"),
        ("device_grace", "26"),
        ("device_grace", "true"),
        ("pre_roll_max", "28.5"),
        ("keep_no_input", "1"),
        ("keep_no_input", '"true"'),
        ("headroom_bytes", "-1"),
        ("headroom_bytes", "1.5"),
        ("ring_seconds", "9"),
        ("ring_seconds", "inf"),
        ("ring_seconds", '"30"'),
        ("log_level", '"INFO"'),
        ("node_id", "1979-05-27"),
        ("node_id", "{ a = 1 }"),
        ("lines", "3"),
        ("mqtt", '{ url = "http://h" }'),
        ("ring_second", "30"),
        ("ünknown\\n", "1"),
    ],
)
def test_key_refuses_what_is_not_allowed(faults_of, tmp_path, key, value):
    name = key if key.isascii() and "\\" not in key else f'"{key}"'
    [(told, fault)] = faults_of(f"{name} = {value}").items()
    assert told.split(".")[0] == key
    assert str(fault).startswith(f"{tmp_path / 'recorder.toml'}: {key}")
    assert str(fault).isprintable()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("device", '"hw:1"'),
        ("device", '"alsa:"'),
        ("device", '"alsa:a\'\\"b"'),
        ("device", '"alsa:a\\nb"'),
        ("device", '"file:relative.wav"'),
        ("device", '"file:/dir/"'),
        ("device", "0"),
        ("rate", "11025"),
        ("rate", '"8000"'),
        ("rate", "8000.5"),
        ("rate", "true"),
        ("channels", "0"),
        ("channels", "65"),
        ("speak", "1"),
        ("speak", "-1"),
        ("speak", "false"),
        ("listen", "1"),
        ("listen", "0"),
        ("listen", '"both"'),
        ("playback", '"file:/x.wav"'),
        ("playback", '""'),
        ("latency", "0"),
        ("latency", "nan"),
        ("block", "0.5"),
        ("block", "8193"),
        ("loop", "true"),
        ("context", '"default"'),
        ("auto_record", '"always"'),
        ("auto_record", "true"),
        ("rates", "8000"),
        ("defaults", "3"),
    ],
)
def test_line_refuses_what_is_not_allowed(faults_of, key, value):
    device = "" if key == "device" else 'device = "alsa:hw:1"\n'
    assert list(faults_of(f"[lines.desk]\n{device}{key} = {value}")) == [f"lines.desk.{key}"]


@pytest.mark.parametrize("line_id", ["Desk", "a_b", '"a b"', '"a\\n"', '""', '"' + "x" * 33 + '"'])
def test_line_id_is_checked(faults_of, line_id):
    [fault] = faults_of(f'[lines.{line_id}]\ndevice = "alsa:a"').values()
    assert "a line's id must be" in fault.detail


def test_line_needs_a_device(faults_of):
    assert list(faults_of("[lines.a]\n[lines.b]")) == ["lines.a.device", "lines.b.device"]


@pytest.mark.parametrize("text", ["lines = [1]", "[lines]\ndesk = 3", "lines.desk = []"])
def test_line_that_is_no_table_is_refused(faults_of, text):
    assert "must be a table" in next(iter(faults_of(text).values())).detail


def test_line_defaults_are_checked_as_parameters_of_the_line(faults_of):
    faults = faults_of(
        DESK
        + "[lines.desk.defaults]\nmax_length = -1\ndirection = 'listen'\nbeep = true\nmax_lenght = 3\n"
        + "pre_roll = 3\ncontrol_id = 'a'\nformat = 'flac'"
    )
    names = {"max_length", "direction", "beep", "max_lenght", "pre_roll", "control_id", "format"}
    assert set(faults) == {f"lines.desk.defaults.{name}" for name in names}
    assert faults["lines.desk.defaults.max_length"].detail == "must be a number of seconds from 0 to 86400, not -1"


def test_every_fault_is_told_at_once(faults_of):
    faults = faults_of(
        'ring_seconds = 5\nlog_lvl = "info"\nauto = 1\n[retention]\nmax_age = -1\n[lines.a]\ndevice = "hw:0"\nrate = 7',
        environ={"RECORDER_PRE_ROLL_MAX": "x", "RECORDER_LINES__A__SPEK": "0", "RECORDER_WEBHOOK__ALLOW": "h:x"},
        drop="= 3",
    )
    assert set(faults) == {
        "",
        "ring_seconds",
        "log_lvl",
        "auto",
        "retention.max_age",
        "lines.a.device",
        "lines.a.rate",
        "pre_roll_max",
        "lines.a.spek",
        "webhook.allow",
    }
    assert 'did you mean "log_level"?' in faults["log_lvl"].detail
    assert "must be" in faults["retention.max_age"].detail
    assert faults["lines.a.spek"].where == "RECORDER_LINES__A__SPEK"
    assert "no TOML" in faults[""].detail


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a = ", b"a = 1\na = 2", b"x = " + b"[" * 5000])
def test_file_that_is_no_toml_is_refused(tmp_path, body):
    path = tmp_path / "recorder.toml"
    path.write_bytes(body)
    with pytest.raises(ConfigRefused, match="no TOML"):
        load(path, {})


def test_named_file_must_be_there_and_readable(tmp_path):
    with pytest.raises(ConfigRefused, match="no such file"):
        load(tmp_path / "absent.toml", {})
    with pytest.raises(ConfigRefused, match="can't be read"):
        load(tmp_path, {})


def test_device_in_two_files_is_two_lines_of_one_name(faults_of):
    faults = faults_of(DESK, extra=DESK)
    assert "has a line of this name already" in faults["lines.desk.device"].detail


TWO = '[lines.a]\ndevice = "alsa:hw:1"\nchannels = 2\n{}\n[lines.b]\ndevice = "alsa:hw:1"\n{}'


def test_lines_share_a_device_channel_by_channel(config_of):
    assert len(config_of(TWO.format('listen = "none"', "channels = 2\nspeak = 1")).lines) == 2


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        ("", "channels = 2\nspeak = 1", "lines.b.speak"),
        ('listen = "none"', "channels = 2\nspeak = 1\nrate = 16000", "lines.b.rate"),
        ('listen = "none"', "channels = 2\nspeak = 1\nlatency = 1", "lines.b.latency"),
        ('listen = "none"', "channels = 2\nspeak = 1\nblock = 64", "lines.b.block"),
        ("speak = 1", "channels = 2", "lines.b.listen"),
        ("", "channels = 4\nspeak = 2\nlisten = 3", "lines.b.channels"),
    ],
)
def test_lines_on_one_device_agree_and_share_no_channel(faults_of, one, other, key):
    assert list(faults_of(TWO.format(one, other))) == [key]


def test_two_file_lines_may_play_one_file(config_of):
    text = '[lines.a]\ndevice = "file:/x.wav"\n[lines.b]\ndevice = "file:/x.wav"'
    assert len(config_of(text).lines) == 2


def test_sixty_four_lines_are_possible_and_no_more(config_of, faults_of):
    text = "".join(f'[lines.n{n}]\ndevice = "alsa:d{n}"\n' for n in range(64))
    assert len(config_of(text).lines) == 64
    assert list(faults_of(text + DESK)) == ["lines"]


def test_limits_are_those_of_the_line(config_of):
    config = config_of("pre_roll_max = 5\n" + DESK + 'playback = "alsa:hw:1"')
    limits = config.limits(config.lines["desk"], listen=False)
    assert (limits.playback, limits.listen, limits.longest_pre_roll) == (True, False, 5.0)

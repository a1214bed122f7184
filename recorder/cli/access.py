"""How a command reaches the service: by its options, else by the configuration."""

import argparse
import os
import ssl
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from recorder.cli import exits
from recorder.cli.client import Client
from recorder.cli.configured import add_config_option
from recorder.cli.failed import Failed
from recorder.cli.http_service import HttpService
from recorder.cli.service import Service
from recorder.config.faults import ConfigRefused
from recorder.config.keys import public_url, token
from recorder.config.listening import place
from recorder.config.load import load
from recorder.config.model import Config
from recorder.contract.values import Check, Unfit

TOKEN_VARIABLE = "RECORDER_TOKEN"  # noqa: S105 # because it is the name of one
OWN_CA = Path("tls/ca.crt")  # in state_dir: of the certificate that the service makes itself


def add_access_options(parser: argparse.ArgumentParser, *, mqtt: bool = False) -> None:
    """--config, --url, --token, --ca, --json, and --mqtt where a command can be given that way."""
    group = parser.add_argument_group("the service", "Is found by the configuration, or by --url.")
    add_config_option(group)
    group.add_argument("--url", type=_checked(public_url), help="http(s)://HOST:PORT of the service")
    group.add_argument(
        "--token", type=_checked(token), help=f"what it wants; better given as {TOKEN_VARIABLE}: others see options"
    )
    group.add_argument("--ca", type=Path, metavar="FILE", help="PEM file of certificates to trust, instead of others")
    if mqtt:
        group.add_argument("--mqtt", action="store_true", help="over the broker of [mqtt], instead of HTTP")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def service_of(args: argparse.Namespace) -> Service:
    """The service that the options mean. Raises Failed."""
    if not args.mqtt:
        return HttpService(client_of(args))
    if args.url or args.token or args.ca:
        raise Failed(exits.USAGE, ["--url, --token and --ca are for HTTP: --mqtt goes by [mqtt]"])
    config = config_of(args)
    if not config.mqtt.url:
        raise Failed(exits.CONFIG, ["[mqtt] has no url: there is no broker"])
    from recorder.cli.mqtt_service import MqttService  # noqa: PLC0415 # because HTTP needn't wait for paho to load

    return MqttService(config)


def client_of(args: argparse.Namespace) -> Client:
    """The HTTP client for the service that the options mean. Raises Failed."""
    if args.url and args.config is None:
        # The configuration's token is for the configuration's box: it is not sent anywhere else.
        return Client(args.url, args.token or os.environ.get(TOKEN_VARIABLE, ""), _context(args, None))
    config = config_of(args)
    return Client(args.url or base_url(config), args.token or _token(config), _context(args, config))


def config_of(args: argparse.Namespace) -> Config:
    """The configuration. Raises Failed (CONFIG)."""
    try:
        return load(args.config, os.environ)
    except ConfigRefused as refused:
        raise Failed(exits.CONFIG, map(str, refused.faults)) from None


def base_url(config: Config) -> str:
    """Where the configuration's service is found on its own box. Raises Failed (CONFIG)."""
    http, https = place(config.http_listen), place(config.https_listen)
    needs_tls = bool(_token(config)) and not config.plain_http
    if https is not None and (needs_tls or http is None):
        return f"https://{_reachable(*https)}"
    if http is None:
        raise Failed(exits.CONFIG, ["http_listen and https_listen are off: --url says where the service is"])
    return f"http://{_reachable(*http)}"


def _reachable(address: IPv4Address | IPv6Address, port: int) -> str:
    if address.is_unspecified:  # that is: all of the box's, loopback too
        return f"127.0.0.1:{port}" if address.version == 4 else f"[::1]:{port}"
    return f"{address}:{port}" if address.version == 4 else f"[{address}]:{port}"


def _token(config: Config) -> str:
    """The main token, else one that may command, else any."""
    named = sorted(config.tokens.values(), key=lambda each: each.read_only)
    return config.token or next((each.token for each in named), "")


def _context(args: argparse.Namespace, config: Config | None) -> ssl.SSLContext | None:
    """Whom to trust; None: whom the system trusts. Raises Failed."""
    if args.ca is not None:
        try:
            return ssl.create_default_context(cafile=args.ca)
        except OSError as error:
            raise Failed(exits.NO_INPUT, [f"--ca: {args.ca}: {error.strerror or error}"]) from error
    if config is None or args.url:
        return None
    return _of_own_box(config)


def _of_own_box(config: Config) -> ssl.SSLContext | None:
    """Trust in the very certificate that the configuration names, or in the CA that the service made itself."""
    try:
        if config.https_cert is None:
            return ssl.create_default_context(cafile=config.state_dir / OWN_CA)
        leaf, end, _ = config.https_cert.read_text().partition("-----END CERTIFICATE-----")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=leaf[leaf.find("-----BEGIN") :] + end + "\n")
    except OSError:
        return None  # not ours to read
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False  # it is the one certificate, and names where others find the box
    return context


def _checked(check: Check[str]) -> "argparse._ActionType":
    def parse(text: str) -> str:
        try:
            return check(text)
        except Unfit as unfit:
            raise argparse.ArgumentTypeError(f"must be {unfit}") from None

    return parse

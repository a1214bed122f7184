"""Whether a receiver of webhooks can be reached: its name, its address, the connection. No request is sent."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing

from recorder.bridge.webhook.addresses import Forbidden
from recorder.bridge.webhook.post import CONNECT_S, tls_context
from recorder.bridge.webhook.target import Target
from recorder.config.model import Config
from recorder.service.checkup.finding import Finding
from recorder.service.doors import judge_of


def webhook(config: Config, url: str | None) -> Iterator[Finding]:
    """`url` is one that the values' web_url has passed, or None."""
    if url is None:
        yield Finding("webhook", "skipped", "--webhook URL says which receiver to try")
        return
    target = Target.of(url)
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        address = str(found[0][4][0])
        judge_of(config).check(target.host, address, target.port)
        _connect(config, target, address, is_tls=url.lower().startswith("https"))
    except Forbidden as error:
        yield Finding("webhook", "fault", str(error), "[webhook] allow = [...] lets addresses of this box through")
    except ssl.SSLError as error:
        advice = "the receiver needs a certificate for its name, or [webhook] ca its authority"
        yield Finding("webhook", "fault", f"{target.receiver}: {error}", advice)
    except OSError as error:
        advice = "look at name, port and firewall of the receiver"
        yield Finding("webhook", "fault", f"{target.receiver}: {error.strerror or error}", advice)
    else:
        yield Finding("webhook", "ok", f"{target.receiver} takes connections; nothing was sent")


def _connect(config: Config, target: Target, address: str, *, is_tls: bool) -> None:
    with closing(socket.create_connection((address, target.port), CONNECT_S)) as connection:
        if is_tls:
            tls_context(config.webhook.ca).wrap_socket(connection, server_hostname=target.host).close()

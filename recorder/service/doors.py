"""The doors of a service, made of its configuration."""

from recorder.bridge.delivery import Outbox
from recorder.bridge.webhook.addresses import Judge
from recorder.bridge.webhook.post import Poster
from recorder.bridge.webhook.sender import Webhooks
from recorder.bridge.webhook.signatures import Signer
from recorder.config.listening import place
from recorder.config.model import Config


def webhooks(config: Config, outbox: Outbox) -> Webhooks:
    """The door to status_url."""
    listeners = (place(config.http_listen), place(config.https_listen))
    own_ports = {listener[1] for listener in listeners if listener is not None}
    judge = Judge(config.webhook.allow, own_ports)
    return Webhooks(outbox, Poster(judge, config.webhook.ca), Signer.of(config.webhook))

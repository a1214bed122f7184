"""What the keys of the network doors mean to each other."""

from collections import Counter

from recorder.config.listening import place
from recorder.config.model import Config
from recorder.config.sheet import Sheet


def check_doors(sheet: Sheet, config: Config) -> None:
    """Add the faults of listeners, tokens and certificates."""
    has_token = bool(config.token or config.tokens)
    for name, listen in (("http_listen", config.http_listen), ("https_listen", config.https_listen)):
        at = place(listen)
        is_ours = at is None or at[0].is_loopback
        sheet.require(
            has_token or is_ours, (name,), f"{listen} can be reached from elsewhere: that needs a token", ("token",)
        )
    sheet.require(
        config.http_listen != config.https_listen or config.http_listen == "off",
        ("https_listen",),
        f"must not be http_listen = {config.http_listen}",
        ("http_listen",),
    )
    for name, other in (("https_cert", "https_key"), ("https_key", "https_cert")):
        given = getattr(config, name) is not None or getattr(config, other) is None
        sheet.require(given, (name,), f"is missing: {other} is given", (other,))
    _check_tokens_differ(sheet, config)


def _check_tokens_differ(sheet: Sheet, config: Config) -> None:
    """A token with two names would have two meanings."""
    uses = Counter([config.token, *(each.token for each in config.tokens.values())])
    for name, each in config.tokens.items():
        at = ("tokens", name, "token")
        sheet.require(not each.token or uses[each.token] == 1, at, "stands elsewhere too: each must differ", ("token",))

"""The links of an installation."""

from collections.abc import Mapping

from recorder.bridge.http.addresses import public_url
from recorder.config.model import Config
from recorder.contract.links import Links


def links_of(config: Config, itself: Mapping[str, str]) -> Links:
    """Makes and judges links; `itself` is who this installation is, its key in it."""
    return Links(public_url(config), bytes.fromhex(itself["link_key"]), config.max_length_cap)

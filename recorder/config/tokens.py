"""The tokens that stand in tables of their own."""

from recorder.config.keys import TOKEN_KEYS
from recorder.config.model import TokenConfig
from recorder.config.sheet import Sheet
from recorder.contract.ids import line_id
from recorder.contract.values import Unfit


def take_tokens(sheet: Sheet) -> dict[str, TokenConfig]:
    """All named tokens, in the order in which they were given."""
    sheet.table("tokens")
    return {name: _take_token(sheet, name) for name in sheet.tables("tokens")}


def _take_token(sheet: Sheet, name: str) -> TokenConfig:
    at = ("tokens", name)
    sheet.table(*at)
    try:
        line_id(name)  # the same characters
    except Unfit as unfit:
        sheet.refuse(at, f"a token's name must be {unfit}")
    token = TokenConfig(name=name, **{"token": "", **sheet.values(TOKEN_KEYS, *at)})
    sheet.require(token.token != "", (*at, "token"), "is missing or empty")
    return token

"""A call recorder for SIP gateways: SignalWire's record_call at the edge, with no cloud."""

__version__ = "0.1.0"

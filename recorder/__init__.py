"""A call recorder for SIP gateways."""

"""`make demo`: human speech through the whole chain, with no sound card and no broker."""

"""The MQTT door: commands in, answers, events and the picture of the box out."""

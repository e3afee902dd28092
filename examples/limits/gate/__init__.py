"""A gate in front of a service: how often, how much, and until when."""

"""The replaceable parts of a model: what hears (encoders) and what makes a face of it (fusions)."""

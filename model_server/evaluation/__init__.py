"""Figures about tracks: lips against hand labels, curves against captures, timing (``s2f evaluate``)."""

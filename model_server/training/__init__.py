"""How what ships was made, and what a user may have learned from their own recordings (``s2f train``).

What ships: ``corpus`` is heard, ``alignment`` times it, ``network`` learns, ``recipe`` puts these in their order;
``tables`` and ``emotion`` make the rest. A user's own: ``actor`` and ``slots``.
"""

"""How the bundled model is made: corpus, alignment, fitting, export (``s2f train``)."""

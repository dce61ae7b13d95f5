"""What may stand in a slot beside the rules: fusions, and heads for encoders of others."""

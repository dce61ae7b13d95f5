"""The rounds that made the model that ships, in their order, and two that make others from it."""

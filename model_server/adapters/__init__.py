"""Ways to reach the engine: frames on pipes (stdio) and HTTP."""

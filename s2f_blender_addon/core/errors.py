"""The one exception that is meant for a person to read."""


class UserError(Exception):
    """One sentence that names the thing at fault and the next step; shown as it is, never as a traceback."""

"""A button that cannot be pressed says why."""

from typing import Any


class Ready:
    """For operators: ``why_not`` gives the reason why one is disabled, empty when it is not."""

    @staticmethod
    def why_not(context: Any) -> str:
        raise NotImplementedError

    @classmethod
    def poll(cls, context: Any) -> bool:
        reason = cls.why_not(context)
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason

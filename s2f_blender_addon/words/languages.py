"""Which languages the words may be in: English always, others where the model process finds espeak-ng."""

from .. import session

ENGLISH = {"en": "English"}
NEXT_STEP = "install espeak-ng and restart Blender, or clear the words."


def choices() -> dict[str, str]:
    """Code to name, as far as they are known: the model process tells once it runs."""
    hello = session.current.link.hello
    return ENGLISH | ({str(code): str(name) for code, name in hello.languages.items()} if hello else {})


def name_of(language: str) -> str:
    """What people call the language; its code where the model process has not said yet."""
    return choices().get(language or "en", language)


def why_not(language: str) -> str:
    """Why words in ``language`` cannot be found, and what to do; empty where they can, or nobody knows yet.

    No language is English.
    """
    hello = session.current.link.hello
    if language.split("-")[0] in ("", "en") or hello is None:
        return ""
    if not hello.languages:
        return f"Only English is built in; for “{language}” {NEXT_STEP}"
    if language not in hello.languages:
        return f"espeak-ng does not speak “{language}”; choose a language from the list."
    return ""

"""For every test: examples may take their time, since machines that run tests are often busy."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

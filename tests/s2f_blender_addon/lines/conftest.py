"""Shots of several lines."""

import pytest

from .shot import Shot


@pytest.fixture
def shot(blender, addon, load, face, tmp_path):
    return Shot(blender, addon, load, face, tmp_path)

"""Shots of several lines. One model process serves all tests of the folder: none waits for its start again."""

import pytest

from .shot import Shot


@pytest.fixture
def blender(warm):
    return warm


@pytest.fixture
def shot(blender, addon, load, face, tmp_path):
    return Shot(blender, addon, load, face, tmp_path)

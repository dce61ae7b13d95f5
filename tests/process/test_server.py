"""Addresses as people write them."""

import pytest

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.process.server import ServerAddress


@pytest.mark.parametrize(
    ("address", "wanted", "title"),
    [
        ("10.0.0.5", ("http", "10.0.0.5", 8765, ""), "10.0.0.5"),
        (" studio:9000 ", ("http", "studio", 9000, ""), "studio:9000"),
        ("http://studio", ("http", "studio", 8765, ""), "studio"),
        ("https://studio.example/", ("https", "studio.example", 443, ""), "studio.example"),
        ("https://studio.example/faces/", ("https", "studio.example", 443, "/faces"), "studio.example"),
        ("http://[::1]:8765", ("http", "::1", 8765, ""), "[::1]"),
    ],
)
def test_an_address_is_read_as_people_write_it(address: str, wanted: tuple[str, str, int, str], title: str) -> None:
    server = ServerAddress.at(address, " token ")
    assert (server.scheme, server.host, server.port, server.base) == wanted
    assert server.title == title and server.token == "token"


@pytest.mark.parametrize(
    "address", ["ftp://studio", "http://", "http://a b", "studio:port", "studio:99999", "http://[::1", "http://me@studio"]
)
def test_what_is_no_address_is_refused_by_name(address: str) -> None:
    with pytest.raises(UserError, match="is no address of a server"):
        ServerAddress.at(address, "token")


def test_what_is_missing_is_said() -> None:
    with pytest.raises(UserError, match="no address yet"):
        ServerAddress.at(" ", "token")
    with pytest.raises(UserError, match="wants a token"):
        ServerAddress.at("studio", " ")
    with pytest.raises(UserError, match="letters outside A to Z"):
        ServerAddress.at("studio", "tökën")


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("[::1]", True), ("10.0.0.5", False),
     ("studio", False)],
)  # fmt: skip
def test_this_computer_needs_no_network(host: str, here: bool) -> None:
    assert ServerAddress.at(host, "token").is_here is here

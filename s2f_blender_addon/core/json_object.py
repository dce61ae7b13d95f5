"""JSON as it is read: nobody has said yet what its fields are; whoever reads one checks them."""

from typing import Any

JsonObject = dict[str, Any]

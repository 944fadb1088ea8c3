"""The door to scripts: a pack as it is, and results as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from nbjudge.plugins.standalone.door import no_options as add_options
from nbjudge.plugins.standalone.door import plain_pack as pack

__all__ = ["add_options", "pack", "report"]


def report(document: Mapping[str, Any]) -> str:
    """Return the results as JSON."""
    return json.dumps(document, indent=1)

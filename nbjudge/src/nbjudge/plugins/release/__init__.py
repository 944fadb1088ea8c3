"""`release_state`: whether another release of a course would change anything."""

from typing import TYPE_CHECKING

from nbjudge.plugins import public_names

if TYPE_CHECKING:
    from nbjudge.plugins.release.state import release_state

__all__ = ["release_state"]

__getattr__ = public_names(__name__, {"release_state": "state:release_state"})

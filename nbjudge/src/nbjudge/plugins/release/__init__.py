"""`nbjudge.release_state`: whether another release of a course would change anything."""

ENTRY_POINTS = {
    "nbjudge.names": {"release_state": "nbjudge.plugins.release.release_state:release_state"}
}

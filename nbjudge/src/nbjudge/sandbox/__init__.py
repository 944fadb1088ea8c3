"""What isolates student code: namespaces, limits, system calls, the fork server of sessions."""

"""Isolation of student code: namespaces, limits, system call filters, and the fork server."""

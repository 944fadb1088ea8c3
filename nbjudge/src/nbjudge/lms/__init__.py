"""Exchange with learning platforms, and files for spreadsheets and scripts."""

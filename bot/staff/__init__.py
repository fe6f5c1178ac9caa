"""The `hotline` command: one file per sub-command."""

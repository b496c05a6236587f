"""The connection to the backend: its program, process, HTTP client, watcher thread and session."""

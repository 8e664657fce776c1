"""The `emis` command of a task as a process, and what becomes of it when something is killed."""

"""The gate before publishing, and the manifest after it."""

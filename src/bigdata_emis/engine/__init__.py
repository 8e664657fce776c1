"""The engine that executes DataFrames (Sail, Apache Spark or a cluster), and column expressions for it."""

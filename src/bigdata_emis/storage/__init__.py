"""What is stored: the lake of Parquet files with its versions and locks, and the registry database."""

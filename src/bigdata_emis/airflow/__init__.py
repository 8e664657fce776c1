"""What the DAG files are wired from: the operator that runs `emis`, the operator's forms, and the approval."""

"""What is published: the set of a day or scenario, and the check of its files."""

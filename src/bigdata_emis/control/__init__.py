"""When heavy pollution is forecast: the level, what each measure cuts, and whether the targets are met."""

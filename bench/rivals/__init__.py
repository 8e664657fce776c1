"""The same workloads as an analyst would write them in one plain script, without our stages."""

"""gas_turbine."""

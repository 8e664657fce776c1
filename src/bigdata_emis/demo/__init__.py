"""The demonstration region jjj and what stands in for its data providers; everything here is simulated unless a README says measured."""

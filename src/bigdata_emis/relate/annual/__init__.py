"""Annual statistics that a user brings: what drove emission, and the energy mix beside air quality."""

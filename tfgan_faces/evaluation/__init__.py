"""How good is a generator: distances, features, memorisation, and one report of it all."""

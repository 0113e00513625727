"""The ten of the seed, each drawn by hand: one file a portrait."""

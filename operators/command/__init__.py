"""`blender --command grotto`: arguments, one input, or a folder of pictures."""

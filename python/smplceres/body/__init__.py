"""Body models: files, meshes, measures, motions."""

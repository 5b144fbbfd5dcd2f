"""Studies: the manifest, the archive that keeps it, panels, and whether they can be called."""

"""Fixed points beside the ensembles: controls and a text classifier."""

"""Reference points for the ensembles: controls and a text classifier."""

"""Where each harm came from: provenance of options through an ensemble's turns."""

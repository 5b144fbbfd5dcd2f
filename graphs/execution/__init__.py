"""Running a study: here, on a cluster, or as a dry run."""

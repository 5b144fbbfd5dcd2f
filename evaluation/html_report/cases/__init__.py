"""The cases of a report: their answers, transcripts and figures case by case."""

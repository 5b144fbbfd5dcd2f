"""What is shown: tables for people, one JSON object for programs."""

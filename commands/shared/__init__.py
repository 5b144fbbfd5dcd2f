"""What several commands share: options, help texts, and running a study."""

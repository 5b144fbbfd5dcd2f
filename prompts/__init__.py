"""What the models read: one text file per role and protocol, and the strict renderer."""

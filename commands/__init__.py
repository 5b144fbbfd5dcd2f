"""The commands, one file each: parse, wire, print."""

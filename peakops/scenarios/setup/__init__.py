"""What the tool itself needs in the portal's database."""

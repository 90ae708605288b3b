"""What tests of several rooms share: hand-made readings, a tiny mart, a home in a temporary folder."""

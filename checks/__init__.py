"""What must hold: suites, conservation, derived invariants. Answers with results; moves no data."""

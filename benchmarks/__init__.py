"""Speed is judged here, in one run on one machine, never in a timed test."""

"""The pages of the report: each module reads the published night and says what its page shows."""

"""The plan as data: its shape, reading and checking it, required values between milestones, its tables."""

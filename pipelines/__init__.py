"""When, in what order, with which resources: definitions, jobs, schedules, sensors, command line."""

"""Emissions against their base year, and the environmental quality composite index.

Belongs here: what joins several environmental subjects, and emissions. Does not belong here: air
(`assets.air`) and water (`assets.water`) themselves, definitions and weights (data in
`assets/standards/`).
"""

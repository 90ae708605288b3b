"""Energy per 10 000 yuan of GDP: fuels in standard coal, GDP at constant prices, falls from a base year.

Belongs here: everything between energy and GDP returns and the plan's indicator. Does not belong
here: factors, preferences and readings (data in `assets/standards/`), emissions (`assets.environment`).
"""

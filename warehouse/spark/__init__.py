"""Heavy marts on a Spark cluster: the same expressions, over Parquet files that every machine of it sees.

Belongs here: the text for Spark, the lake, running a mart there. Does not belong here: which marts and tables are
heavy (`assets`), settings (`pipelines`). Nothing here is imported unless the setting `engine` says spark.
"""

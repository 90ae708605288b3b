"""What a feed is and how a publication is read. Polars and the standard library only."""

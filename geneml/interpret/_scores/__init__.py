"""Rankings with ties, and recoveries of many replicates brought together."""

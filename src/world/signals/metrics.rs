//! Metric series on demand, from the same arrivals, instances and change points as the logs. Does not know PromQL.

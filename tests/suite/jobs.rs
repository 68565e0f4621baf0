//! Jobs and CronJobs.

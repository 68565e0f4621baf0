//! The cases of bills: fairness beyond the common checks.

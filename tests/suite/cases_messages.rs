//! The cases of lost, late and doubled messages: fairness beyond the common checks.

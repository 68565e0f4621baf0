//! The books of the shop: orders, and what was done for each of them (shipments, bookings, captures, moves of stock,
//! receipts). The ground truth that logs, metrics and reconciliations project. Does not know how a row came about.

/// Everything that was written down.
#[derive(Clone, Debug, Default)]
pub struct Ledger {}

//! Routes, gateways, endpoints, flow logs, bytes.

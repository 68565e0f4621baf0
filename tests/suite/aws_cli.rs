//! The built-in aws command: options, output, query, errors.

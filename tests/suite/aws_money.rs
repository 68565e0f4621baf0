//! Bills: what is billed was used, and a fix bends the curve.

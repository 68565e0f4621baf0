//! The one integration-test binary. Each module is one kind of proof; see CONTRIBUTING.md.

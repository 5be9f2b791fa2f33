//! Tests that hold the structure of ARCHITECTURE.md: who imports whom, and where a binding stands.

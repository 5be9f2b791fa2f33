//! End-to-end scenarios: the tests are in `tests/it`, what they share in `ouro-test-harness`.

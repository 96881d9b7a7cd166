"""The parts of which the tests are made."""

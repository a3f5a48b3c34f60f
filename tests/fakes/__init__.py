"""What several suites share; the fakes of the ports are in tests/unit/services/fakes.py."""

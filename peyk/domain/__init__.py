"""What the business is about: frozen dataclasses and enums, no I/O."""

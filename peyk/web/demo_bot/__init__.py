"""A small Bot API server of ours: the demo's Telegram, and the ground the tests' server with faults stands on."""

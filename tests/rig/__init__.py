"""A real OpenClaw gateway for tests, on loopback: mock model, fake Telegram, throwaway state."""

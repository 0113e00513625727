"""The whole product against the real thing."""

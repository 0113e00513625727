"""Palais: the live cockpit for a fleet of AI agents run by an OpenClaw Gateway."""

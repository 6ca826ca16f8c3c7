"""What every part speaks: services, language, formatting, routes."""

//! The authentication service in memory, sans-I/O. For development and tests, never for production.

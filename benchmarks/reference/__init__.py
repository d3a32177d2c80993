"""The same nine features in FastAPI and SQLAlchemy, for comparison."""

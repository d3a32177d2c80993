"""The same nine features in FastAPI and SQLAlchemy, to compare with."""

"""The versioned catalogue of categories."""

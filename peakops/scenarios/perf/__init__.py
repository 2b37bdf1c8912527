"""Pages that are slow: the database behind them, single statements and pages, and the causes by their share."""

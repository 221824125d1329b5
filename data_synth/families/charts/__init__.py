"""Charts, plots and tables: values to read off, compare and combine."""

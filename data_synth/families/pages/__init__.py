"""Rendered text: pages, receipts, code, structured data, screens and expressions."""

"""Where prompts come from: endless synthetic items, JSONL, WebDataset shards and `datasets`, behind one interface."""

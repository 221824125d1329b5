"""Drawing: a recording canvas, the bundled font, colours and shapes."""

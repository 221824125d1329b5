"""Programs, graphs, wires, circuits, machines and instruments, drawn."""

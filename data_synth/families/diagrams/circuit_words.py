"""Sentences about circuits: what is asked, and what a worked solution says."""

from __future__ import annotations

ASK = {
    "ohms": (
        "What is the total resistance of the network, in ohms?",
        "Which single resistor could replace all of these? Give ohms.",
        "Find the equivalent resistance in ohms.",
        "Work out the resistance that the source sees, in ohms.",
        "Determine the total resistance exactly (ohms).",
        "How many ohms does the whole network have?",
        "Calculate the equivalent resistance.",
        "Give the resistance between the two ends, in ohms.",
        "Combine all resistors into one. How many ohms?",
    ),
    "amps": (
        "What current does the source supply, in amperes?",
        "How many amperes flow through the source?",
        "Find the total current in amperes.",
        "Work out the current that leaves the source (amperes).",
        "Determine the source current exactly.",
        "Calculate the total current in amperes.",
        "Give the current through the source, in A.",
        "Which current, in amperes, flows out of the source?",
    ),
    "gates": (
        "What does the circuit put out for {0} = {1}? Write the bits one after the other.",
        "For the inputs {0} = {1}, give the output bits in this order.",
        "Find the outputs for {0} = {1}, as a string of bits.",
        "Work out the output column for {0} = {1}.",
        "Which bits come out for {0} = {1}, in order?",
        "The inputs {0} take the values {1}. What are the outputs, in a row?",
        "Determine the output for each of {0} = {1}; write the bits together.",
        "Fill in the output column of the truth table with the rows {0} = {1}.",
    ),
}
SEEN = ("I see {}.", "The picture shows {}.", "Drawn: {}.", "The circuit: {}.", "What I see: {}.", "Given: {}.")
PLAN = {
    "net": (
        "I replace groups of resistors by single ones, from the inside out.",
        "From the innermost group outwards, each group becomes one resistor.",
        "Series add up; for parallels the reciprocals add up. I begin inside.",
        "Step by step I melt groups into one resistor each.",
        "Starting with the smallest groups:",
        "The network shrinks group by group:",
    ),
    "gates": (
        "I write each signal as a column of bits, one for each row, and go from the inputs to the output.",
        "Gate by gate, from left to right, with all rows at once:",
        "For every wire I note its bits over the rows, in the given order.",
        "Each gate combines its two columns of bits.",
        "Column by column through the gates:",
        "All rows are done side by side, from the inputs on.",
    ),
}
WRONG = {
    "net": "Adding up all resistors would be wrong, because some of them are in parallel.",
    "gates": "XOR is not OR: it gives 0 when both inputs are 1; and NAND, NOR are the negated gates.",
}
LAW = (
    "In series one current flows through all parts, so resistances add up; in parallel all parts have one voltage, so "
    "the reciprocals of the resistances add up."
)
CHECK = {
    "net": (
        "Check: a parallel group is smaller than each of its parts, a series larger, and both hold here.",
        "It fits, since every series came out above its parts and every parallel group below them.",
        "The sizes are plausible: series lie above each of their parts, parallels below each of theirs.",
        "No series is smaller than one of its parts, and no parallel group larger than one, as it should be.",
        "A rough test: in series the value only grows, in parallel it only shrinks, and so it did.",
        "Looking back, each series is more than its parts and each parallel group less, which is right.",
    ),
    "gates": (
        "Check with the first row alone: {0} gives {1}, the first of {2} bits.",
        "Row 1 by itself, {0}, gives {1}; so begin the {2} bits.",
        "For the first row, {0}, the gates give {1}, which is the first of the {2} bits.",
        "To test I run the first row through all gates: {0} leads to {1}, the first bit of {2}.",
        "With only the first row, {0}, I get {1} again as the first of {2} bits.",
        "The first row by itself agrees: {0} makes {1}, and there are {2} bits in all.",
    ),
}

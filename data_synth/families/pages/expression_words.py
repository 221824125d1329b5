"""Wordings of arithmetic expressions: questions, plans and checks."""

from __future__ import annotations

TEXT = (
    "Compute {}.",
    "What is {}?",
    "Evaluate {}.",
    "Work out {}.",
    "Find the value of {}.",
    "Calculate {}.",
    "Do the arithmetic: {}.",
    "Give the result of {}.",
)
SHOWN = (
    "Compute what is shown.",
    "What is the value of the expression?",
    "Evaluate the expression shown.",
    "Work out the expression.",
    "Find the value of what is written.",
    "Calculate what is written.",
    "What does the expression come to?",
    "Give the result of the expression.",
)
SHOWN_PAIR = (
    "Compute both expressions.",
    "What are the values of the two expressions?",
    "Evaluate the two expressions shown.",
    "Work out both expressions.",
    "Find the values of what is written.",
    "Calculate both lines.",
    "What do the two expressions come to?",
    "Give the results of the two expressions.",
)
SEEN = ("I see {}.", "It reads {}.", "The expression is {}.", "Given: {}.", "We have {}.", "To compute: {}.")
PLAN = (
    "There are {0} operations; parentheses and products bind more tightly, and I work from left to right.",
    "I do the {0} operations from the left, each as soon as both of its sides are plain numbers.",
    "{0} operations: a product binds tighter than a sum, parentheses tighter than both; I begin on the left.",
    "From left to right I do {0} operations, minding the parentheses, and that x goes before + and -.",
    "With {0} operations I mind that x comes before + and -, and parentheses before all; I start on the left.",
    "I take the {0} operations one by one from the left, always one whose two sides are numbers already.",
)
PLAN_PAIR = (
    "There are {0} expressions, each with one operation on two digits; I do the first one, then the second.",
    "These are {0} short expressions. Neither needs the other, so I take them in the order in which they stand.",
    "I have to work out {0} expressions of two digits each, and I begin with the one that comes first.",
    "Each of the {0} expressions is a single sum or difference; I compute the first and then go on to the other.",
    "Both of the {0} expressions are done in one step; the first result goes first, the second one after it.",
    "With {0} expressions there are as many results to give, in the same order; I start with the left one.",
)
CHECK = (
    "Check, with the last step undone: {}, which was there before it.",
    "To check I undo the last step: {}, which stood there before.",
    "Undoing the last operation leads back: {}, as it was before.",
    "The last step fits in reverse: {}, the number before it.",
    "Backwards from the result: {}, and that is what was there.",
    "A test with the last operation reversed: {}, as before.",
)
CHECK_PAIR = (
    "Check, each step undone: {0} and {1}, the digits that came first.",
    "To check I undo both steps: {0}, and {1}, with which I began.",
    "Undoing the operations leads back to the start: {0}; {1}.",
    "In reverse both steps fit: {0} and {1}, the first digit of each.",
    "Backwards from the results: {0} and {1}, as it stands there.",
    "A test with both operations reversed: {0} and {1}, as written.",
)
LEFT = ("That leaves {}.", "Now {}.", "What remains is {}.", "This becomes {}.", "Next: {}.", "Left to do: {}.")

"""What records are about, and how questions about them are asked.

In questions {r} is what the records are called, {a} the amount, {f} the other number, {g} and {h} a field with its
value, {k} the field of groups and {n} a limit.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """records: what they are called; then the names of the fields and the values of two of them.

    scale: 100 for an amount of money with two decimals, else 1.
    """

    records: str
    name: str
    group: str
    factor: str
    amount: str
    names: tuple[str, ...]
    groups: tuple[str, ...]
    scale: int = 1


_GOODS = (
    "lamp", "table", "chair", "shelf", "watch", "mirror", "sofa", "rug", "vase", "bench", "stool", "frame", "bin",
    "tray",
    "bed", "kettle", "toaster", "fan", "radio", "tent",
)  # fmt: skip
_PEOPLE = (
    "Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jan", "Kim", "Leo", "Mia", "Nils", "Ola", "Pia",
    "Rosa", "Sam", "Tina", "Uwe",
)  # fmt: skip
_CODES = tuple(f"{letter}{digit}" for letter in "ABCDEFGHKM" for digit in range(2, 10))
THEMES = (
    Theme("orders", "item", "city", "qty", "price", _GOODS, ("Rome", "Lima", "Oslo", "Paris", "Cairo", "Delhi"), 100),
    Theme("sales", "item", "shop", "count", "price", _GOODS, ("north", "south", "east", "west", "centre"), 100),
    Theme("shifts", "name", "team", "days", "pay", _PEOPLE, ("red", "blue", "green", "gold", "grey")),
    Theme("runs", "name", "club", "laps", "distance", _PEOPLE, ("Comet", "Delta", "Falcon", "Orion", "Tiger")),
    Theme("parcels", "code", "depot", "stops", "weight", _CODES, ("Bern", "Graz", "Kiel", "Metz", "Lyon")),
    Theme("sensors", "code", "room", "errors", "reading", _CODES, ("lab", "hall", "attic", "cellar", "garage")),
    Theme("books", "code", "genre", "copies", "weight", _CODES, ("poems", "travel", "drama", "crime", "art")),
)
LOG = Theme(
    "entries", "service", "level", "retries", "ms", ("api", "auth", "cache", "mail", "search", "store", "sync", "web"),
    ("ERROR", "WARN", "INFO", "DEBUG"),
)  # fmt: skip
RATE = "rate"  # name of the table with a number for each group

ASK: dict[str, tuple[str, ...]] = {
    "sum": (
        "What is the total {a} of the {r} with {g}?", "Add up the {a} of all {r} with {g}.",
        "Find the sum of {a} over the {r} with {g}.", "For {g}, what do the values of {a} add up to?",
        "What do the {r} with {g} have as their {a} in all?", "Give the combined {a} for {g}.",
        "Take only {r} with {g}: what is the sum of their {a}?", "Compute the total {a} where {g} is given.",
    ),
    "mean": (
        "What is the average {a} of the {r} with {g}?", "Find the mean {a} over all {r} with {g}.",
        "For {g}, what is the mean of {a}?", "Give the average of {a} for {g}.",
        "Take only {r} with {g}: what is their {a} on average?",
        "Compute the arithmetic mean of {a} where {g} is given.",
        "On average, what {a} do the {r} with {g} have?", "Average the {a} of every one of the {r} with {g}.",
    ),
    "gap": (
        "Among the {r} with {g}, by how much does the largest {a} exceed the smallest?",
        "What is the range (largest minus smallest) of {a} for {g}?",
        "Find the difference between the highest and the lowest {a} of {r} with {g}.",
        "For {g}, how far apart are the smallest and the largest {a}?",
        "Take only {r} with {g}: what is the maximum of {a} minus its minimum?",
        "Give the spread from lowest to highest {a} for {g}.",
        "Subtract the lowest {a} from the highest among the {r} with {g}.",
        "How much greater is the highest {a} than the lowest, where {g} is given?",
    ),
    "cost": (
        "Multiply {f} by {a} for each of the {r} with {g}. What is the sum?",
        "What is the sum of {f} times {a} over the {r} with {g}?",
        "For {g}, add up the products of {f} and {a}.", "Find the total of {f} x {a} for all {r} with {g}.",
        "Take only {r} with {g}: what do their products {f} times {a} come to?",
        "Each of the {r} counts with {f} times {a}. What is the total for {g}?",
        "Compute {f} times {a} of every record with {g}, and give the sum.",
        "Give the combined value of {r} with {g}, if each is worth {f} times {a}.",
    ),
    "difference": (
        "By how much is the total {a} for {g} greater than for {h}?",
        "What is the total {a} of the {r} with {g} minus that of the {r} with {h}?",
        "Compare sums of {a}: how much more is it for {g} than for {h}?",
        "Find the sum of {a} for {g} and subtract the sum for {h}.",
        "What do the {r} with {g} have in {a} altogether beyond those with {h}?",
        "Give the difference between the total {a} for {g} and for {h}.",
        "From the total {a} for {g}, take the total for {h}. What is left?",
        "The sum of {a} is larger for {g} than for {h}. How much larger?",
    ),
    "above": (
        "What is the total {a} of the {r} with {g} and {f} above {n}?",
        "Add up the {a} of all {r} with {g} where {f} is greater than {n}.",
        "For {g}, sum {a} where {f} is more than {n}.",
        "Take only {r} with {g} and more than {n} in {f}: what is their total {a}?",
        "Find the sum of {a} over the {r} that have {g} and {f} greater than {n}.",
        "Leave out everything with {f} of {n} or less. What is then the total {a} for {g}?",
        "What do the {r} with {g} have as their {a} in all, if only {f} over {n} counts?",
        "Give the combined {a} for {g}, but only where {f} exceeds {n}.",
    ),
    "join": (
        "For the {r} with {f} above {n}, multiply {a} by the rate of the {k}. What is the sum?",
        "What is the sum of {a} times the rate of its {k}, over all {r} with {f} above {n}?",
        "Each of the {r} counts with {a} times the rate of its {k}. What is the total where {f} is greater than {n}?",
        "Take only {r} with more than {n} in {f}: what do {a} times rate of the {k} add up to?",
        "Find the total of {a} x rate, the rate being that of the {k}, for {r} where {f} exceeds {n}.",
        "Leave out everything with {f} of {n} or less. What is then the sum of {a} times the rate of the {k}?",
        "Look up the rate of each {k}, multiply it by {a}, and add up where {f} is more than {n}.",
        "Give the combined {a}, weighted with the rate of the {k}, of all {r} with {f} over {n}.",
    ),
    "elapsed": (
        "How many seconds lie between the first and the last entry with {g}?",
        "What is the time in seconds from the first to the last entry with {g}?",
        "Find how long, in seconds, it is from the first {g} entry to the last one.",
        "For {g}, how many seconds pass from its first entry to its last?",
        "Give the seconds between the earliest and the latest entry with {g}.",
        "Take only entries with {g}: how many seconds separate the first and the last?",
        "Compute the span in seconds that the entries with {g} cover.",
        "The first entry with {g} and the last one are how many seconds apart?",
    ),
}  # fmt: skip
SEEN = (
    "I see {0} with {1} {2}.", "The data is {0} that holds {1} {2}.", "This is {0}; it has {1} {2}.",
    "Here are {1} {2}, written as {0}.", "There is {0}, and in it {1} {2}.", "I read {0} of {1} {2}.",
)  # fmt: skip
LISTED = (
    "They are: {}.", "In order: {}.", "One by one: {}.", "From top to bottom: {}.", "The records: {}.", "It says: {}.",
)  # fmt: skip
MATCH = (
    "What counts: {}.", "The records asked for: {}.", "Only these matter: {}.", "That leaves {}.", "Chosen: {}.",
    "So I take {}.",
)  # fmt: skip
PLAN = (
    "Only {0} with {1} count.", "I keep the {0} with {1} and leave out the rest.", "First I pick all {0} with {1}.",
    "Which {0} have {1}? The others do not matter.", "So I go through the {0} and look for {1}.",
    "What counts are {0} with {1}.",
)  # fmt: skip
RATED = (
    "The rates: {}.", "Rates are given: {}.", "Each has a rate: {}.", "Their rates: {}.", "By rate: {}.",
    "It also gives rates: {}.",
)  # fmt: skip
SLIP = (
    "I nearly took {0} as well, but there {1}; it stays out.", "Does {0} belong to them? No, there {1}.",
    "At first {0} seems to fit; wrong, there {1}.",
)  # fmt: skip

"""What records are about, and how questions about them are asked.

In questions {r} is what the records are called, {a} the amount, {f} the other number, {g} and {h} the field of groups
with a value (of entries the value alone), {k} that field and {n} a limit.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """records: what they are called; then the names of the fields and the values of two of them.

    factor: a number by which amounts may be multiplied; beside: one that has nothing to do with them, so that a total
    amount can mean nothing else. scale: 100 for an amount of money with two decimals, else 1.
    """

    records: str
    name: str
    group: str
    factor: str
    beside: str
    amount: str
    names: tuple[str, ...]
    groups: tuple[str, ...]
    scale: int = 1


# No name of a record or field ends with k or w: in code they reach into the colon behind them.
_GOODS = (
    "lamp", "table", "chair", "couch", "watch", "mirror", "sofa", "rug", "vase", "bench", "stool", "frame", "bin",
    "tray",
    "bed", "kettle", "toaster", "fan", "radio", "tent",
)  # fmt: skip
_PEOPLE = (
    "Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jan", "Kim", "Leo", "Mia", "Nils", "Ola", "Pia",
    "Rosa", "Sam", "Tina", "Uwe",
)  # fmt: skip
_CODES = tuple(f"{letter}{digit}" for letter in "ABCDEFGHKM" for digit in range(2, 10))
_CITIES, _SHOPS = ("Rome", "Lima", "Oslo", "Paris", "Cairo", "Delhi"), ("north", "south", "east", "west", "centre")
_ROOMS = ("lab", "hall", "attic", "cellar", "garage")
THEMES = (
    Theme("orders", "item", "city", "qty", "weight", "price", _GOODS, _CITIES, 100),
    Theme("sales", "item", "shop", "count", "rating", "price", _GOODS, _SHOPS, 100),
    Theme("shifts", "name", "team", "days", "breaks", "pay", _PEOPLE, ("red", "blue", "green", "gold", "grey")),
    Theme("runs", "name", "club", "laps", "place", "distance", _PEOPLE, ("Comet", "Delta", "Falcon", "Orion", "Tiger")),
    Theme("parcels", "code", "depot", "stops", "stops", "weight", _CODES, ("Bern", "Graz", "Kiel", "Metz", "Lyon")),
    Theme("sensors", "code", "room", "errors", "errors", "reading", _CODES, _ROOMS),
    Theme("books", "code", "genre", "copies", "rating", "weight", _CODES, ("poems", "travel", "drama", "crime", "art")),
)
LOG = Theme(
    "entries", "service", "level", "retries", "retries", "ms",
    ("api", "auth", "cache", "mail", "search", "store", "sync", "web"),
    ("ERROR", "WARN", "INFO", "DEBUG"),
)  # fmt: skip
RATE = "rate"  # name of the table with a number for each group

ASK: dict[str, tuple[str, ...]] = {
    "sum": (
        "What is the total {a} of the {r} of {g}?", "Add up the {a} of all {r} of {g}.",
        "Find the sum of {a} over the {r} of {g}.", "For {g}, what do the values of {a} add up to?",
        "For the {r} of {g}, what does {a} come to in all?", "Give the combined {a} for {g}.",
        "Take only the {r} of {g}: what is the sum of their {a}?", "Compute the total {a} over all records of {g}.",
    ),
    "mean": (
        "What is the average {a} of the {r} of {g}?", "Find the mean {a} over all {r} of {g}.",
        "For {g}, what is the mean of {a}?", "Give the average of {a} for {g}.",
        "Take only the {r} of {g}: what is their {a} on average?",
        "Compute the arithmetic mean of {a} over all records of {g}.",
        "On average, what {a} do the {r} of {g} have?", "Average the {a} of all the {r} of {g}.",
    ),
    "gap": (
        "Among the {r} of {g}, by how much does the largest {a} exceed the smallest?",
        "What is the range (largest minus smallest) of {a} for {g}?",
        "Find the difference between the highest and the lowest {a} of the {r} of {g}.",
        "For {g}, how far apart are the smallest and the largest {a}?",
        "Take only the {r} of {g}: what is the maximum of {a} minus its minimum?",
        "Give the spread from lowest to highest {a} for {g}.",
        "Subtract the lowest {a} from the highest among the {r} of {g}.",
        "How much greater is the highest {a} for {g} than the lowest?",
    ),
    "cost": (
        "Multiply {f} by {a} for each of the {r} of {g}. What is the sum?",
        "What is the sum of {f} times {a} over the {r} of {g}?",
        "For {g}, add up the products of {f} and {a}.", "Find the total of {f} x {a} for all {r} of {g}.",
        "Take only the {r} of {g}: what do their products {f} times {a} come to?",
        "Take {f} times {a} for each of the {r}. What is the total for {g}?",
        "Compute {f} times {a} for every record of {g}, and give the sum.",
        "Give the sum of the products {f} x {a}, taken over the {r} of {g}.",
    ),
    "difference": (
        "By how much is the total {a} for {g} greater than for {h}?",
        "What is the total {a} of the {r} of {g} minus that of the {r} of {h}?",
        "Compare the sums of {a}: how much more is it for {g} than for {h}?",
        "Find the sum of {a} for {g} and subtract the sum for {h}.",
        "By what amount does the total {a} of the {r} of {g} exceed that of {h}?",
        "Give the difference between the total {a} for {g} and for {h}.",
        "From the total {a} for {g}, take away the total for {h}. What is left?",
        "The sum of {a} is larger for {g} than for {h}. How much larger?",
    ),
    "above": (
        "What is the total {a} of the {r} of {g} with {f} above {n}?",
        "Add up the {a} of all {r} of {g} with {f} greater than {n}.",
        "For {g}, sum {a} over the {r} with {f} higher than {n}.",
        "Take only the {r} of {g} with more than {n} as {f}: what is their total {a}?",
        "Find the sum of {a} over the {r} of {g}, but only those with {f} greater than {n}.",
        "Leave out everything with {f} at {n} or below. What is then the total {a} for {g}?",
        "For the {r} of {g}, what does {a} come to in all, if only {f} over {n} counts?",
        "Give the combined {a} for {g}, but only of {r} with {f} above {n}.",
    ),
    "join": (
        "For the {r} with {f} above {n}, multiply {a} by the rate of the {k}. What is the sum?",
        "What is the sum of {a} times the rate of its {k}, over all {r} with {f} above {n}?",
        "Take {a} times the rate of the {k} for each of the {r} with {f} greater than {n}. What is the total?",
        "Take only the {r} with more than {n} as {f}: what does {a} times the rate of the {k} add up to?",
        "Find the total of {a} x rate, the rate being that of the {k}, for the {r} with {f} over {n}.",
        "Leave out everything with {f} at {n} or below. What is then the sum of {a} times the rate of the {k}?",
        "Look up the rate of each {k}, multiply it by {a}, and add up over the {r} with {f} higher than {n}.",
        "Multiply every {a} by the rate of its {k}, and give the sum for all {r} with {f} over {n}.",
    ),
    "elapsed": (
        "How many seconds lie between the first and the last {g} entry?",
        "What is the time in seconds from the first to the last {g} entry?",
        "Find how long, in seconds, it is from the first {g} entry to the last one.",
        "How many seconds pass from the first {g} entry to the last {g} entry?",
        "Give the seconds between the earliest and the latest {g} entry.",
        "Take only the {g} entries: how many seconds separate the first and the last?",
        "Compute the span in seconds that the {g} entries cover.",
        "The first {g} entry and the last one are how many seconds apart?",
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
    "What counts: {}.", "The records asked for: {}.", "With that go {}.", "That leaves {}.", "Chosen: {}.",
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

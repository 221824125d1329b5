"""Sentences of word problems: names, things, and how each kind of event is told.

Every sentence that counts names the things; a sentence that does not matter never does. {n} name, {p} and {P} pronoun,
{t} things, {a} amount, {k} and {m} factors, {f} a friend.
"""

from __future__ import annotations

SHE = (
    "Ana", "Mia", "Lea", "Eva", "Rosa", "Nora", "Ines", "Vera", "Julia", "Clara", "Hanna", "Sofia", "Amina", "Yuki",
    "Zoe", "Ida", "Marta", "Leila", "Anouk", "Priya",
)  # fmt: skip
HE = (
    "Ben", "Tom", "Max", "Leo", "Paul", "Omar", "Jonas", "Felix", "Hugo", "Ivan", "Marco", "David", "Samir", "Kenji",
    "Theo", "Emil", "Pedro", "Luca", "Noah", "Arjun",
)  # fmt: skip
FRIENDS = (
    "Karim", "Olga", "Peter", "Tara", "Viktor", "Wanda", "Ralf", "Selma", "Quentin", "Greta", "Bruno", "Daria",
    "Edgar", "Fiona", "Gustav", "Helga",
)  # fmt: skip
THINGS = (
    "pens", "marbles", "stickers", "apples", "coins", "shells", "beads", "buttons", "postcards", "stamps", "candles",
    "cookies", "walnuts", "plums", "tickets", "magnets", "balloons", "crayons", "badges", "cards", "eggs", "bricks",
    "ribbons", "pears", "tiles", "screws", "envelopes", "lemons", "rulers", "feathers",
)  # fmt: skip

START = (
    "{n} has {a} {t}.",
    "{n} starts with {a} {t}.",
    "In the morning {n} counts {a} {t}.",
    "There are {a} {t} in the box of {n}.",
    "At first {n} owns {a} {t}.",
    "{n} keeps {a} {t} on a shelf.",
    "One day {n} comes home with {a} {t}.",
    "On Monday {n} has {a} {t}.",
)
EVENTS: dict[str, tuple[str, ...]] = {
    "gain": (
        "Then {p} buys {a} more {t}.",
        "{P} gets {a} {t} from {f}.",
        "{P} finds {a} {t} in a drawer.",
        "An aunt sends {a} {t} to {n}.",
        "{P} wins {a} {t} in a game.",
        "Later {p} collects another {a} {t}.",
        "For a birthday {p} receives {a} {t}.",
        "{f} brings {a} {t} for {n} to keep.",
    ),
    "give": (
        "{P} gives {a} {t} to {f}.",
        "Then {p} gives {a} of the {t} to {f}.",
        "The next day {p} gives {f} {a} {t}.",
        "After lunch {p} gives {a} {t} to {f}.",
        "{P} meets {f} and gives away {a} {t}.",
        "{P} gives {a} {t} to {f}, who has none.",
    ),
    "lose": (
        "On the way {p} loses {a} {t}.",
        "{P} throws {a} broken {t} away.",
        "{P} sells {a} {t} at a market.",
        "Then {p} donates {a} {t} to a school.",
        "Later {p} lends {a} {t} to a neighbour, who keeps them.",
        "During the week {p} loses {a} of the {t}.",
    ),
    "packs": (
        "{P} buys {k} boxes with {m} {t} in each.",
        "Then {p} gets {k} bags, and each bag holds {m} {t}.",
        "{P} receives {k} packs of {m} {t} each.",
        "On each of the next {k} days {p} collects {m} {t}.",
        "In a shop {p} buys {k} sets, each with {m} {t}.",
        "{P} wins {k} games and gets {m} {t} for each of them.",
    ),
    "rounds": (
        "{P} gives {m} {t} to each of {k} friends.",
        "Then {p} sells {k} bags with {m} {t} in each.",
        "On each of the next {k} days {p} loses {m} {t}.",
        "{P} donates {k} boxes, each with {m} {t}.",
        "At a party {p} gives {m} {t} to each of {k} guests.",
        "{P} sells {m} {t} to each of {k} neighbours.",
    ),
    "times": (
        "A month later {p} has {k} times as many {t}.",
        "By the end of the year {p} has {k} times as many {t} as before.",
        "Then a gift makes it {k} times as many {t} as {p} had.",
        "After a good week {p} has {k} times as many {t}.",
        "With the help of friends {p} soon has {k} times as many {t}.",
        "At the next count {p} has {k} times as many {t}.",
    ),
    "share": (
        "{P} splits the {t} into {k} equal heaps and keeps only one heap.",
        "The {t} go into {k} equal bags, and {p} keeps one bag and no more.",
        "{P} makes {k} equal parts of all the {t} and keeps just one part.",
        "{P} packs all {t} into {k} equal boxes and holds back a single box.",
        "Then {p} puts the {t} into {k} equal rows and takes one row home, leaving the rest.",
        "All {t} are dealt out in {k} equal piles, and {p} keeps one pile.",
    ),
    "like": (
        "{P} then buys {k} times as many {t} as {p} gave to {f}.",
        "After that {p} finds {k} times as many {t} as {p} gave to {f}.",
        "In return {p} gets {k} times as many {t} as {p} gave to {f}.",
        "Soon {p} collects {k} times as many {t} as {p} gave to {f}.",
        "In a game {p} wins {k} times as many {t} as {p} gave to {f}.",
        "From a cousin {p} receives {k} times as many {t} as {p} gave to {f}.",
    ),
}
SELL = (
    "In the end {p} sells all the {t} for {k} euros each.",
    "{P} then sells every one of the {t}, for {k} euros each.",
    "A shop buys all the {t} for {k} euros each.",
    "Then all the {t} are sold for {k} euros each.",
    "{P} finally sells the whole lot of {t} for {k} euros each.",
    "A collector takes all the {t} and pays {k} euros for each.",
)
IDLE = (
    "A neighbour of {n} is {a} years old.",
    "The bus to town takes {a} minutes.",
    "{f} lives in house number {a}.",
    "{n} reads a book of {a} pages.",
    "The lesson begins in {a} minutes.",
    "The school of {n} has {a} rooms.",
    "{f} swims {a} lanes every week.",
    "The way home is {a} steps long.",
    "A film that {n} likes lasts {a} minutes.",
    "The dog of {f} weighs {a} pounds.",
)

ASK_COUNT = (
    "How many {t} does {n} have now?",
    "How many {t} are left with {n} in the end?",
    "What number of {t} does {n} have at the end?",
    "With how many {t} does {n} end up?",
    "Find the number of {t} that {n} has in the end.",
    "Work out how many {t} {n} has at the end.",
    "In the end, how many {t} does {n} have?",
    "Calculate the number of {t} that {n} has now.",
    "Give the number of {t} that remain with {n}.",
)
ASK_MONEY = (
    "How many euros does {n} get for them?",
    "How much money, in euros, does {n} get?",
    "What is the total in euros that {n} receives?",
    "Find the amount in euros that {n} is paid.",
    "Work out how many euros {n} takes in.",
    "Calculate the money that {n} gets, in euros.",
    "In the end, how many euros does {n} receive?",
    "Give the sum in euros that {n} earns with the sale.",
    "For how many euros are they sold in all?",
)

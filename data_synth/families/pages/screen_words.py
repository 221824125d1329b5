"""What people write in chats, what stands in forms and terminals, and how the question on a screen is put."""

from __future__ import annotations

NAMES = (
    "Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jan", "Lea", "Max", "Nora", "Omar", "Pia",
    "Rosa",
)  # fmt: skip
GROUPS = ("Hiking trip", "Birthday party", "Film night", "Team lunch", "Garden club", "Study group", "Road trip")
THINGS = (
    "tickets", "drinks", "snacks", "flowers", "maps", "pizzas", "stamps", "games", "balloons", "candles", "plates",
    "cups",
    "ropes", "lamps", "badges", "torches",
)  # fmt: skip
PAID = (
    "I paid {m} euros for the {t}.", "The {t} cost {m} euros, I paid.", "{m} euros for the {t}, on my card.",
    "Just bought the {t}: {m} euros.", "The {t} are mine, {m} euros.", "Got the {t} for {m} euros.",
)  # fmt: skip
EACH = (
    "I got {k} {t} at {m} euros each.", "Bought {k} {t} at {m} euros each.", "{k} {t} at {m} euros each, I paid.",
)  # fmt: skip
FIXED = (
    "Sorry, the {t} were {m} euros, not {o}.", "Wait, I paid {m} euros for the {t}, not {o}.",
    "Correction: {t} {m} euros, not {o}.",
)  # fmt: skip
IDLE = (
    "I am {n} minutes late.", "See you at platform {n}.", "Who brings a jacket?", "It is {n} degrees here.",
    "Good idea!",
    "I am on bus {n}.", "We are {n} people now.", "Can somebody call me?", "House number {n}, second floor.",
    "On my way.",
    "I sent {n} photos.", "Great, thanks a lot!", "The door code is {n}.", "Let us meet outside.",
    "Only {n} pages to go.",
    "No signal here, sorry.",
)  # fmt: skip
STEMS = (
    "trip", "notes", "backup", "draft", "scan", "intro", "report", "album", "budget", "demo", "letter", "plan",
    "sketch",
    "survey", "talk", "thesis", "video", "week", "year", "archive",
)  # fmt: skip
ENDINGS = ("zip", "log", "mp4", "jpg", "csv", "pdf")
USERS = ("ana", "ben", "cleo", "dan", "eva", "finn", "gina", "hugo")
TASKS = (
    "sort",
    "merge",
    "index",
    "build",
    "test",
    "train",
    "copy",
    "scan",
    "parse",
    "render",
    "sync",
    "pack",
    "lint",
    "load",
)
GOODS = (
    "Lamp", "Kettle", "Pillow", "Mirror", "Basket", "Blanket", "Clock", "Bowl", "Candle", "Frame", "Vase", "Towel",
    "Mug",
    "Tray", "Rug", "Stool",
)  # fmt: skip
SHOPS = ("Your basket", "Shopping cart", "Your order", "Basket", "Checkout")
GUESTS = ("Adults", "Teenagers", "Children", "Toddlers", "Students", "Members", "Seniors", "Helpers")
STAYS = ("Book a room", "Hostel Harbour", "Lake Cabin", "Booking form", "Mountain Inn")

ASK: dict[str, tuple[str, ...]] = {
    "paid": (
        "How many euros has {a} paid in all?", "What did {a} pay altogether, in euros?",
        "How much has {a} spent for us?",
        "Can you add up what {a} paid?", "What is the sum of all that {a} paid?",
        "How many euros do we owe {a} in total?",
        "Total of what {a} has paid, please?", "All together, how many euros did {a} pay?",
    ),
    "paid more": (
        "How many euros more than {b} has {a} paid?", "By how much did {a} pay more than {b}?",
        "{a} paid more than {b}: how much more?", "What {a} paid minus what {b} paid, how much is it?",
        "How many euros is {a} ahead of {b}?", "How large is the gap between what {a} and {b} paid?",
        "How much would {b} have to add to have paid as much as {a}?", "So how many euros lie between {a} and {b}?",
    ),
    "wait": (
        "How many minutes lie between the first message of {a} and the last one of {b}?",
        "From the first message of {a} to the last of {b}, how many minutes passed?",
        "How many minutes after the first message of {a} did {b} write for the last time?",
        "Take the first message of {a} and the last of {b}: how many minutes apart?",
        "Count the minutes from the first words of {a} to the last words of {b}.",
        "How long is it, in minutes, from the first message of {a} until the last message of {b}?",
        "What is the time in minutes between the first thing {a} said and the last thing {b} said?",
        "The last message of {b} came how many minutes after the first of {a}?",
    ),
    "disk": (
        "How many MB do the .{a} files take together?", "What is the size of all .{a} files in MB?",
        "Add up the .{a} files: how many MB?", "How much space, in MB, do .{a} files need?",
        "Sum of the MB of every .{a} file?", "If I delete all .{a} files, how many MB do I gain?",
        "Total MB of the files that end in .{a}?", "To copy every .{a} file, how many MB are needed?",
    ),
    "disk more": (
        "How many MB more do .{a} files take than .{b} files?", "Size of all .{a} files minus all .{b} files, in MB?",
        "By how many MB are the .{a} files larger than the .{b} files?",
        "What is .{a} minus .{b} in MB, all files added?",
        "How much more space, in MB, does .{a} need than .{b}?", "MB of .{a} files less the MB of .{b} files?",
        "All .{a} files against all .{b} files: how many MB more?", "How far is .{a} ahead of .{b}, in MB?",
    ),
    "disk rest": (
        "With these files, how many MB of the quota are free?", "How many MB are left of the quota?",
        "What remains of the quota in MB?", "Quota minus all files: how many MB?", "How many MB can I still store?",
        "How much of the quota is not used, in MB?", "If these are all files, what is free of the quota, in MB?",
        "Free space under the quota, in MB?",
    ),
    "jobs": (
        "Each run takes the seconds shown. How many seconds did {a} use?",
        "Runs x seconds, added up for {a}: how much?",
        "How many seconds of work does {a} have in all runs?", "What do all runs of {a} take together, in seconds?",
        "Total seconds of {a}, if every run counts?", "For how many seconds did the runs of {a} go on in all?",
        "Count every run of {a}: how many seconds is that?", "Seconds used by {a} over all runs?",
    ),
    "jobs more": (
        "Counting every run, how many seconds more did {a} use than {b}?", "Seconds of all runs: {a} minus {b}?",
        "How much longer, in seconds, are all runs of {a} than those of {b}?",
        "Over all runs, {a} is how far above {b}?",
        "By how many seconds does {a} exceed {b}, every run counted?",
        "All runs of {a} less all runs of {b}, in seconds?",
        "How many more seconds of work has {a} than {b}, run by run?", "Runs x seconds: what is {a} minus {b}?",
    ),
    "cart": (
        "How much is to pay in all?", "What is the total, with all that is listed?", "What will this order cost?",
        "How many euros will be charged?", "What is the sum of it all?", "What amount is due for everything?",
        "How much does it all come to?", "What do you pay if you order now?",
    ),
    "stay": (
        "How many euros are still to be paid?", "What amount is still due?",
        "How much is left to pay for this booking?",
        "How much has to be paid now?", "What is the price that remains to pay?", "How many euros remain to be paid?",
        "What sum is still owed for this stay?", "How much money is needed to settle this?",
    ),
}  # fmt: skip
SHOWN = (
    "Answer the question on the screen.", "The screen ends with a question: give its answer.",
    "What is the answer to what the screen asks?", "Read the screen and answer what it asks.",
    "On the screen there is a question. Solve it.", "Use what is on the screen to answer its question.",
    "Find the answer to the question that the screen shows.", "Somebody asks something on this screen. Answer it.",
    "Work out what is asked at the end of the screen.",
)  # fmt: skip
SEEN = (
    "I see {0} with {1} {2}.", "The screen shows {0} with {1} {2}.", "This is {0}; it has {1} {2}.",
    "On the screen there is {0} of {1} {2}.", "Here is {0} that has {1} {2}.", "I look at {0}: {1} {2}.",
)  # fmt: skip
SLIP = (
    "I nearly took {} too, but it does not count here.", "Does {} count? No, it is something else.",
    "At first {} seems to belong to it; wrong, so I leave it out.",
)  # fmt: skip

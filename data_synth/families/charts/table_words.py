"""What is asked about tables, and worked solutions in words."""

from __future__ import annotations

from data_synth.families.charts.table_figure import printed, printed_prices
from data_synth.item import Item
from data_synth.program import Scene

ASK = {
    "tuple": (
        "Give {} and {}.",
        "What are {} and {}?",
        "Read off {} and {}.",
        "Find {} and {}.",
        "State {} and {}.",
        "Look up {} and {}.",
        "Which numbers are {} and {}?",
        "Write down {} and {}.",
    ),
    "sum": (
        "What is {}?",
        "Compute {}.",
        "Work out {}.",
        "Find {}.",
        "How much is {}?",
        "Calculate {}.",
        "Look up and give {}.",
        "Evaluate {}.",
    ),
}
ASK["totals"] = ASK["tuple"]
QTY = (
    "What is the total qty of {}?",
    "Add up the qty of {}.",
    "How many pieces are in {}?",
    "Find the sum of qty over {}.",
    "Give the total qty over {}.",
    "Sum the qty of {}.",
    "What do the qty values of {} add up to?",
    "Compute the overall qty of {}.",
)
COST = (
    "What is the total cost of {}?",
    "Add up the cost of {}.",
    "How much do {} cost together?",
    "Find the summed cost of {}.",
    "Give the total cost over {}.",
    "Sum the cost of {}.",
    "What do the costs of {} add up to?",
    "Compute the overall cost of {}.",
)
_SEEN = ("I see: {}.", "The table: {}.", "It shows: {}.", "Rows: {}.", "From top to bottom: {}.", "I read: {}.")
_PRICES = (
    "The prices in image 2: {}.",
    "Image 2 lists the prices: {}.",
    "The second table gives the prices: {}.",
    "Prices, from the other image: {}.",
    "In image 2 the items cost: {}.",
    "I read these prices off image 2: {}.",
)
_PLAN = (
    "I go through the {0} rows, keep those with {1}, and add up their {2}.",
    "Of the {0} rows only those with {1} count; of these I need the sum of {2}.",
    "First I pick the rows with {1} out of all {0}, then I sum {2} over them.",
    "The condition is {1}: {0} rows have to be looked at, and {2} is added where it holds.",
    "Step one: which of the {0} rows have {1}? Step two: the total of their {2}.",
    "Only {1} matters here, so I filter the {0} rows and then total {2}.",
)
_CHECK = (
    "Check: {0} of {1} rows match, and from the last to the first {2}.",
    "To check: {0} of the {1} rows were used, and backwards {2}.",
    "Looking back, {0} rows out of {1} match; added the other way round, {2}.",
    "Test: {0} of {1} rows, and in the opposite order {2}.",
    "Once more from below, with {0} of {1} rows: {2}.",
    "It agrees: {0} rows of {1} have it, and upwards {2}.",
)
_PLAN_CELLS = (
    "The first letter names a row and the second a column; I look where they cross.",
    "For each cell I go along its row until I am under its column.",
    "I find the row by the first letter, and in it the column by the second.",
    "Each cell is where a row and a column meet: first letter row, second letter column.",
    "Rows are named at the left and columns at the top; I read where both meet.",
    "From the letter of the row I go to the right, up to the letter of the column.",
)
_CHECK_CELLS = (
    "Check, downwards this time: {}.",
    "To check I read the columns from the top: {}.",
    "Going down the columns gives the same: {}.",
    "The columns, from top to bottom, agree: {}.",
    "Once more by columns: {}.",
    "Now the columns first, then the row: {}.",
)
_PLAN_TOTALS = (
    "I add up row {0} from left to right, then column {1} from top to bottom.",
    "Two sums are needed: all digits of row {0}, and all digits of column {1}.",
    "First the three digits beside {0}, then the three digits below {1}.",
    "Row {0} goes across and column {1} goes down; I total each by itself.",
    "What is wanted: the sum along row {0} and the sum down column {1}.",
    "I take row {0} first and column {1} second, and sum up the digits of each.",
)
_CHECK_TOTALS = (
    "Check in reverse order: {0} {1}, {2} {3}.",
    "To check I add from the other end: {0} {1}, and {2} {3}.",
    "Backwards the sums are the same: {0} {1}, {2} {3}.",
    "From right to left, {0} {1}; from the bottom up, {2} {3}.",
    "Once more, the last digit first: {0} {1}, {2} {3}.",
    "The other way round it agrees: {0} {1}, {2} {3}.",
)


def explain_digits(item: Item, variant: int) -> list[str]:
    """Digits in a grid: along the rows first, and as a check down the columns or backwards."""
    scene, lines = item.scene, printed(item.scene)
    body = " ".join(f"{line[0]}: {' '.join(line[1:])}." for line in lines[1:])
    says = [_SEEN[variant].format(" ".join(lines[0][1:])), body]
    if scene["form"] == "totals":
        return [*says, *_say_totals(scene, variant)]
    says.append(_PLAN_CELLS[variant])
    values = [step.value for step in item.program if step.op == "cell"]
    says += [f"{row} {column} = {value}." for (row, column), value in zip(scene["asked"], values, strict=True)]
    if scene["form"] == "sum":
        terms = [w * value for w, value in zip(scene["weights"], values, strict=True)]
        says += [f"{w} x {v} = {w * v}." for w, v in zip(scene["weights"], values, strict=True)]
        says.append(f"{terms[0]} + {terms[1]} = {sum(terms)}.")
    downwards = ", ".join(
        f"{column} holds {' '.join(map(str, _column(scene, column)))}, so {row} {column} is {value}"
        for (row, column), value in zip(scene["asked"], values, strict=True)
    )
    return [*says, _CHECK_CELLS[variant].format(downwards)]


def _say_totals(scene: Scene, variant: int) -> list[str]:
    row, column = scene["asked"]
    across, down = scene["digits"][scene["row_names"].index(row)], _column(scene, column)
    sums = [f"{name}: {_sum(values)}." for name, values in ((row, across), (column, down))]
    check = _CHECK_TOTALS[variant].format(row, _sum(across[::-1]), column, _sum(down[::-1]))
    return [_PLAN_TOTALS[variant].format(row, column), *sums, check]


def _column(scene: Scene, name: str) -> list[int]:
    place = scene["column_names"].index(name)
    return [line[place] for line in scene["digits"]]


def _sum(values: list[int]) -> str:
    return f"{' + '.join(map(str, values))} = {sum(values)}"


def explain_ledger(item: Item, variant: int) -> list[str]:
    """A ledger: the rows that the filter keeps, what each adds, and the sum backwards."""
    scene, lines = item.scene, printed(item.scene)
    says = [_SEEN[variant].format("; ".join(" ".join(line) for line in lines[1:]))]
    if scene["prices"]:
        says.append(_PRICES[variant].format(", ".join(" ".join(line) for line in printed_prices(scene))))
    rows, amounts = (item.program[n].value for n in (0, 1))
    wanted, count = " and ".join(f"{key} {value}" for key, value in scene["where"].items()), len(scene["rows"])
    says.append(_PLAN[variant].format(count, wanted, "qty x price" if scene["by_price"] else "qty"))
    says.append(f"Rows with {wanted}: {', '.join(scene['rows'][place]['item'] for place in rows)}.")
    for place, amount in zip(rows, amounts, strict=True):
        row = scene["rows"][place]
        sums = f"{row['qty']} x {row['price']} = {amount}" if scene["by_price"] else str(amount)
        says.append(f"{row['item'].capitalize()}: {sums}.")
    running = amounts[0]
    for amount in amounts[1:]:
        says.append(f"{running} + {amount} = {running + amount}.")
        running += amount
    backwards = f"{' + '.join(map(str, amounts[::-1]))} = {running}"
    return [*says, _CHECK[variant].format(len(rows), count, backwards)]

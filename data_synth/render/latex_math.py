"""LaTeX mathematics as Typst mathematics: the commands of school and contest problems. The rest is refused by name.

Every symbol becomes a token of its own with spaces around it, and brackets, commas and slashes are escaped, so nothing
is read as a call or a fraction that was none.
"""

from __future__ import annotations

import re

MAX_LENGTH = 4000
MAX_DEPTH = 40

_TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|\d+(?:\.\d+)?|[a-zA-Z]|\s+|.", re.DOTALL)
_SAME = (
    "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega epsilon sin cos tan cot sec csc arcsin arccos arctan "
    "sinh cosh tanh log ln lg exp lim max min gcd det dim ker sup inf arg deg sum forall exists in subset supset "
    "times div approx equiv quad perp parallel angle dagger prop"
)
_SYMBOLS: dict[str, str] = {name: name for name in _SAME.split()} | {
    "cdot": "dot", "pm": "plus.minus", "mp": "minus.plus", "le": "lt.eq", "leq": "lt.eq", "ge": "gt.eq",
    "geq": "gt.eq", "lt": "lt", "gt": "gt", "ne": "eq.not", "neq": "eq.not", "sim": "tilde.op", "cong": "tilde.equiv",
    "propto": "prop", "notin": "in.not", "subseteq": "subset.eq", "supseteq": "supset.eq", "cup": "union",
    "cap": "inter", "emptyset": "emptyset", "varnothing": "emptyset", "setminus": "without", "infty": "infinity",
    "to": "arrow.r", "rightarrow": "arrow.r", "leftarrow": "arrow.l", "Rightarrow": "arrow.r.double",
    "implies": "arrow.r.double.long", "iff": "arrow.l.r.double.long", "Leftrightarrow": "arrow.l.r.double",
    "mapsto": "arrow.r.bar", "ldots": "dots.h", "dots": "dots.h", "cdots": "dots.h.c", "vdots": "dots.v",
    "nabla": "nabla", "partial": "partial", "circ": "compose", "bullet": "bullet", "mid": "divides", "star": "star",
    "prod": "product", "int": "integral", "oint": "integral.cont", "triangle": "triangle.stroked.t", "neg": "not",
    "land": "and", "lor": "or", "wedge": "and", "vee": "or", "oplus": "plus.o", "otimes": "times.o", "prime": "prime",
    "ell": "ell", "hbar": "planck", "Re": "Re", "Im": "Im", "aleph": "aleph", "varphi": "phi.alt", "degree": "degree",
    "varepsilon": "epsilon", "vartheta": "theta.alt", "lfloor": "floor.l", "rfloor": "floor.r", "lceil": "ceil.l",
    "rceil": "ceil.r", "langle": "chevron.l", "rangle": "chevron.r", "lvert": "|", "rvert": "|", "vert": "|",
    "bmod": "mod", "mod": "mod", "qquad": "wide", "colon": ":", "square": "square.stroked",
}  # fmt: skip
_SPACED = {"\\,": "thin", "\\;": "thick", "\\:": "med", "\\!": "", "\\ ": "med", "~": "med"}
_ESCAPED = {"\\{": "\\{", "\\}": "\\}", "\\%": "%", "\\$": "\\$", "\\#": "\\#", "\\&": "\\&", "\\_": "\\_", "\\|": "‖"}
_PLAIN = {"(": "\\(", ")": "\\)", "[": "\\[", "]": "\\]", ",": "\\,", ";": "\\;", "/": "\\/", "#": "\\#", '"': '"\\""'}
_ONE = {
    "sqrt": "sqrt", "overline": "overline", "bar": "macron", "hat": "hat", "tilde": "tilde", "vec": "arrow",
    "mathbb": "bb", "mathbf": "bold", "mathcal": "cal", "underline": "underline", "dot": "dot", "ddot": "dot.double",
    "widehat": "hat", "overrightarrow": "arrow", "boldsymbol": "bold", "mathit": "italic", "mathsf": "sans",
}  # fmt: skip
_TWO = {"frac": "frac", "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "binom": "binom", "dbinom": "binom"}
_TEXT = ("text", "mathrm", "operatorname", "textbf", "textit", "mbox", "textrm")
_MATRICES = {"matrix": "#none", "pmatrix": '"("', "bmatrix": '"["', "vmatrix": '"|"', "Bmatrix": '"{"'}
_ALIGNED = {"l": "left", "c": "center", "r": "right"}
_LINES = ("aligned", "align", "align*", "gathered", "gather", "gather*", "equation", "equation*", "split")
_IGNORED = ("displaystyle", "textstyle", "limits", "nolimits", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "hline")


class LatexError(ValueError):
    """LaTeX that is not understood; the message names the command."""


def to_typst(latex: str) -> str:
    """Typst mathematics (without the dollar signs) for LaTeX mathematics. Raises LatexError."""
    if len(latex) > MAX_LENGTH:
        raise LatexError(f"a formula has at most {MAX_LENGTH} characters, got {len(latex)}")
    reader = _Reader(_TOKEN.findall(latex))
    made = reader.sequence("", 0)
    if reader.place < len(reader.tokens):
        raise LatexError(f"unexpected {reader.tokens[reader.place]!r}")
    return made


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.place = 0

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        if not token:
            raise LatexError("the formula ends too early")
        self.place += 1
        return token

    def skip_spaces(self) -> None:
        while self.peek().isspace():
            self.place += 1

    def sequence(self, end: str, depth: int) -> str:
        """Everything up to the token `end`, which is read too; `end` "" is the end of the formula."""
        if depth > MAX_DEPTH:
            raise LatexError(f"groups are nested at most {MAX_DEPTH} deep")
        parts: list[str] = []
        while True:
            self.skip_spaces()
            token = self.peek()
            if not token and not end:
                return " ".join(parts)
            if token and token == end:
                self.place += 1
                return " ".join(parts)
            parts.append(self.item(depth))

    def argument(self, depth: int) -> str:
        self.skip_spaces()
        if self.peek() == "{":
            self.place += 1
            return self.sequence("}", depth + 1)
        return self.item(depth + 1)

    def digit_or_argument(self, depth: int) -> str:
        """As TeX reads it: \\frac12 is 1/2."""
        self.skip_spaces()
        token = self.peek()
        if len(token) > 1 and token.isdecimal():
            self.tokens[self.place] = token[1:]
            return token[0]
        return self.argument(depth)

    def raw_argument(self) -> str:
        """The characters of a group, unread."""
        self.skip_spaces()
        if self.next() != "{":
            raise LatexError("a command of text needs a group in braces")
        depth, text = 1, ""
        while depth:
            token = self.next()
            depth += {"{": 1, "}": -1}.get(token, 0)
            text += token if depth else ""
        return text.replace("\\ ", " ").replace("\\%", "%").replace("\\$", "$").replace("\\&", "&")

    def item(self, depth: int) -> str:
        """One symbol, group, script or command with its arguments."""
        token = self.next()
        if token == "{":
            return self.sequence("}", depth + 1)
        if token in ("^", "_"):
            script = self.argument(depth)
            return "^degree" if (token, script) == ("^", "compose") else f"{token}({script})"
        if token in _SPACED:
            return _SPACED[token]
        if token in _ESCAPED:
            return _ESCAPED[token]
        if token == "\\\\":
            return "\\"
        if token.startswith("\\"):
            return self.command(token[1:], depth)
        if token == "}":
            raise LatexError("a brace closes that was not opened")
        return _PLAIN.get(token, token)

    def command(self, name: str, depth: int) -> str:
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        if name == "sqrt" and self.peek() == "[":
            self.place += 1
            index = self.sequence("]", depth + 1)
            return f"root({index}, {self.argument(depth)})"
        if name in _ONE:
            return f"{_ONE[name]}({self.argument(depth)})"
        if name in _TWO:
            return f"{_TWO[name]}({self.digit_or_argument(depth)}, {self.digit_or_argument(depth)})"
        if name == "boxed":
            return f"#box(stroke: 0.6pt, inset: 3pt)[$ {self.argument(depth)} $]"
        if name in _TEXT:
            return '"' + self.raw_argument().replace("\\", "\\\\").replace('"', '\\"') + '"'
        if name == "left":
            return self.pair(depth)
        if name == "pmod":
            return f'"(mod " {self.argument(depth)} ")"'
        if name == "begin":
            return self.environment(depth)
        if name in _IGNORED:
            return ""
        raise LatexError(f"the command \\{name} is not known")

    def delimiter(self) -> str:
        self.skip_spaces()
        token = self.next()
        if token == ".":
            return ""
        return _SYMBOLS.get(token[1:], "") or _ESCAPED.get(token) or _PLAIN.get(token, token)

    def pair(self, depth: int) -> str:
        opening = self.delimiter()
        inside = self.sequence("\\right", depth + 1)
        return f"lr({opening} {inside} {self.delimiter()})"

    def columns(self) -> str:
        """How the columns of an array are aligned; of several ways, in the middle. Lines between them are refused."""
        given = "".join(self.raw_argument().split())
        if not given or set(given) - set(_ALIGNED):
            raise LatexError(f"the columns {given!r} of an array are not known; write letters of {''.join(_ALIGNED)}")
        return _ALIGNED[given[0]] if len(set(given)) == 1 else "center"

    def environment(self, depth: int) -> str:
        name = self.raw_argument()
        if name not in _MATRICES and name not in _LINES and name not in ("cases", "array"):
            raise LatexError(f"the environment {name} is not known")
        aligned = self.columns() if name == "array" else ""
        rows: list[list[str]] = [[""]]
        while True:
            self.skip_spaces()
            token = self.peek()
            if token == "\\end":
                self.place += 1
                if self.raw_argument() != name:
                    raise LatexError(f"the environment {name} is not closed")
                break
            if token == "\\hline" and name == "array":
                raise LatexError("lines in an array are not known")
            if token == "&":
                self.place += 1
                rows[-1].append("")
            elif token == "\\\\":
                self.place += 1
                rows.append([""])
            else:
                rows[-1][-1] += " " + self.item(depth + 1)
        rows = [row for row in rows if any(cell.strip() for cell in row)]
        if name == "array":
            wide = max(map(len, rows), default=1)
            cells = "; ".join(", ".join([*row, *[""] * (wide - len(row))]) for row in rows)
            return f"mat(delim: #none, align: #{aligned}, {cells})"
        if name in _MATRICES:
            return f"mat(delim: {_MATRICES[name]}, {'; '.join(', '.join(row) for row in rows)})"
        if name == "cases":
            return f"cases({', '.join(' & quad '.join(row) for row in rows)})"
        return " \\ ".join(" & ".join(row) for row in rows)

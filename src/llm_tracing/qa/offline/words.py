"""Words of questions and of identifiers, brought to forms that can be compared."""

import re
from dataclasses import dataclass
from typing import Final

from llm_tracing.qa.offline import lexicon

_SYNONYM: Final = {word: group.split()[0] for group in lexicon.SYNONYM_GROUPS for word in group.split()}
_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_TOKEN: Final = re.compile(
    r"\"(?P<double>[^\"]+)\"|“(?P<curly>[^”]+)”|(?<!\w)'(?P<single>[^']+)'(?!\w)"
    r"|(?P<date>\d{4}-\d{2}(?:-\d{2})?)"
    r"|(?P<number>\d+(?:[.,]\d+)*)(?=%|\b|[a-z])"
    r"|(?P<possessive>['’]s\b|(?<=s)['’](?!\w))"
    r"|(?P<word>[^\W\d_](?:[\w&/.]|['’](?!s\b)\w)*[\w]|[^\W\d_]\.?|[$€£%&])"
)
_CONTRACTIONS: Final = (
    (re.compile(r"\b(what|who|where|when|how|there|that|it)['’]s\b", re.I), r"\1 is"),
    (re.compile(r"\bcan['’]?t\b", re.I), "can not"),
    (re.compile(r"\bwon['’]t\b", re.I), "will not"),
    (re.compile(r"(\w)n['’]t\b", re.I), r"\1 not"),
    (re.compile(r"(?<=[a-z])-(?=[a-z])"), " "),
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, quoted value or possessive mark; `lower` is the text in lower case."""

    text: str
    lower: str
    kind: str  # word | number | quoted | possessive | date
    start: int = 0
    end: int = 0

    @property
    def is_capitalised(self) -> bool:
        return self.kind == "word" and self.text[:1].isupper()


def opened(question: str) -> str:
    """The question with its contractions opened and lower-case hyphens taken out."""
    for pattern, replacement in _CONTRACTIONS:
        question = pattern.sub(replacement, question)
    return question


def tokenise(question: str) -> tuple[Token, ...]:
    """The tokens of an opened question in order, punctuation dropped; `start` and `end` are places in its text."""
    tokens = []
    for found in _TOKEN.finditer(question):
        group = found.lastgroup or "word"
        kind = "quoted" if group in ("double", "curly", "single") else group
        text = found.group(group)
        tokens.append(Token(text, text.lower(), kind, found.start(), found.end()))
    return tuple(tokens)


def singular(word: str) -> str:
    """The singular of an English noun in lower case; other words come back as they are."""
    if word in lexicon.IRREGULAR_SINGULARS:
        return lexicon.IRREGULAR_SINGULARS[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(?:ss|x|z|ch|sh)es$", word):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def is_plural(word: str) -> bool:
    """Whether the word is the plural of another word."""
    return singular(word) != word


def stem(word: str) -> str:
    """The part that a verb's forms and its noun share: hire, hired, hiring -> hir; deliver, delivery -> deliver."""
    if word in lexicon.IRREGULAR_VERBS:
        return lexicon.IRREGULAR_VERBS[word]
    for ending in ("ing", "ment", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sl":
                word = word[:-1]
            break
    return word.rstrip("ey") if len(word) > 3 and word[-1] in "ey" else word


def canonical(word: str) -> str:
    """One form for a word, its plural, its verb forms and its synonyms."""
    base = singular(word)
    for form in (word, base, lexicon.IRREGULAR_VERBS.get(base, base)):
        if form in _SYNONYM:
            return stem(_SYNONYM[form])
    stemmed = stem(base)
    return stem(_SYNONYM[stemmed]) if stemmed in _SYNONYM else stemmed


def identifier_words(name: str) -> tuple[str, ...]:
    """The words of an identifier in lower case and in the singular, abbreviations spelled out.

    InvoiceLine -> (invoice, line); tbl_shp_ln -> (tbl, shipment, line).
    """
    words: list[str] = []
    for part in _CAMEL.findall(name):
        words += lexicon.ABBREVIATIONS.get(part.lower(), part.lower()).split()
    return tuple(singular(word) for word in words)


def event_of(word: str) -> str | None:
    """The entry of EVENT_WORDS that a word in any of its forms stands for."""
    base = singular(word)
    for form in (word, base, lexicon.IRREGULAR_VERBS.get(word, base), stem(base), stem(base) + "e"):
        if form in lexicon.EVENT_WORDS:
            return form
    return None

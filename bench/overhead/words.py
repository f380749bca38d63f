"""The texts: prompts of 2 kB and answers of 200 tokens. Each ends with a mark, so that a cut text is noticed."""

from random import Random

TEXTS = 64
PROMPT_CHARS = 2_000
ANSWER_CHARS = 900  # 200 tokens of English
PROMPT_MARK = b"[the prompt ends here]"
ANSWER_MARK = b"[the answer ends here]"
ASKS_FOR_SQL = "Reply with one SELECT statement"
STATEMENT = f"SELECT title, count(*) AS n FROM track GROUP BY title ORDER BY n DESC LIMIT 5 -- {ANSWER_MARK.decode()}"

_WORDS = (  # by spaces
    "album artist track playlist invoice customer genre employee media price total country city order answer question "
    "the of a in by for with most least popular sold bought listed between before after every some which whose how many"
)
_RULES = (
    "You answer questions about a shop that sells music. Use only what you are given. If it does not hold the answer, "
    "say so in one sentence. Numbers come with their unit, names as they are written in the data, lists by size. "
)


def _text(dice: Random, chars: int) -> str:
    """Words by chance: no two alike, so that compression finds what it would find in life."""
    text, words = "", _WORDS.split()
    while len(text) < chars:
        text += f"{dice.choice(words)} {dice.randint(1, 9_999) if dice.random() < 0.1 else ''}"
    return text[:chars]


def prompts() -> list[tuple[str, str]]:
    """The system's and the user's message of each prompt, 2 kB together."""
    dice, mark = Random(1), PROMPT_MARK.decode()
    size = PROMPT_CHARS - len(_RULES) - len(mark)
    return [(_RULES, f"{_text(dice, size)}{mark}") for _ in range(TEXTS)]


def answers() -> list[str]:
    dice, mark = Random(2), ANSWER_MARK.decode()
    return [f"{_text(dice, ANSWER_CHARS - len(mark))}{mark}" for _ in range(TEXTS)]

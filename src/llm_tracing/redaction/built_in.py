"""What can be taken out by name."""

from collections.abc import Callable

# Cards by how their numbers begin and how long they are, four digits or so at a time or in one piece.
# Source: ISO/IEC 7812 (issuer identification numbers, the check digit of its annex B).
_CARD = (
    r"\b(?:"
    r"4\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{3})?"
    r"|(?:5[1-5]\d{2}|2[2-7]\d{2}|6011|65\d{2}|64[4-9]\d|35\d{2})(?:[ -]?\d{4}){3}"
    r"|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}"
    r"|3(?:0[0-5]|[68]\d)\d[ -]?\d{6}[ -]?\d{4}"
    r")\b"
)
_KEY = (
    r"(?:\bsk-[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic and others
    r"|\b(?:lsv2_(?:pt|sk)_|ls__|gh[pousr]_|github_pat_|xox[abpr]-|glpat-|hf_|llmt_)[A-Za-z0-9_-]{12,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bAIza[A-Za-z0-9_-]{30,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"  # a JSON web token
    r"|(?i:\bbearer)\s+[A-Za-z0-9._~+/-]{16,}=*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s\\]*(?:-----END [A-Z ]*PRIVATE KEY-----)?)"
)
_EMAIL = r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"
_IP = r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"
_PHONE = r"\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}\b"


def _is_card(text: str) -> bool:
    """The check digit fits (Luhn)."""
    digits = [int(char) for char in reversed(text) if char.isdigit()]
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


BUILT_IN: dict[str, tuple[str, Callable[[str], bool] | None]] = {
    "email": (_EMAIL, None),
    "card": (_CARD, _is_card),
    "key": (_KEY, None),
    "ip": (_IP, None),
    "phone": (_PHONE, None),
}

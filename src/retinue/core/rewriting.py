"""Questions made into what is searched for, by rule. The rule knows English; of other languages it leaves the words."""

_FILLERS = """
    a an the is are was were be been am do does did has have had can could will would shall should may might must
    what what's which who who's whom whose when where why how how's there it it's its this that these those of to for
    in on at by i i'd i'm i've me my we us our you your please
"""
_OPENERS = """
    hi hello hey dear kindly thanks thank so and ok okay like want need know wonder wondering curious tell show explain
    find out let give about if whether
"""
"""Words that say at a question's beginning that one is asked; later on they may be what is looked for."""

_DROPPED = frozenset(_FILLERS.split())
_DROPPED_FIRST = _DROPPED | frozenset(_OPENERS.split())
_MARKS = "?!.,;:\"'()"


def keywords(question: str) -> str:
    """Return the words of a question that a good passage may hold; the question itself where none are left."""
    words = [bare for word in question.replace("’", "'").split() if (bare := word.strip(_MARKS))]
    first = next((place for place, word in enumerate(words) if word.lower() not in _DROPPED_FIRST), 0)
    return " ".join(word for word in words[first:] if word.lower() not in _DROPPED) or question

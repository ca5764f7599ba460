"""The documents of a town that there isn't, and questions to which the answer stands in just one place of them."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from documents import docx, pdf, pptx, xlsx

WRITTEN = Path(__file__).parent / "handbook"
"""Those that were written by hand: text, Markdown, tables, a web page, a paper, a program."""

_STAFF_HANDBOOK = (
    """Town of Larkhaven
Handbook for those who work at the town hall
Fifth edition. It replaces all earlier ones.
Questions about it go to the town clerk.""",
    """1. Working hours
A full week has 38 hours. Everybody is there between half past nine
and three; the rest may be put where it suits. Who works on a Sunday
gets a day off within the fortnight.""",
    """2. Holidays
Everybody has 27 days of holiday a year. Up to five days may be taken
along into the next one, and lapse there at the end of March.
A wedding, one's own, brings two days more.""",
    """3. Illness
Whoever falls ill calls the registrar before nine. A doctor's note is
needed from the fourth day on. For a sick child there are ten days a
year for each parent.""",
    """4. Travel
Journeys on the town's business go by ferry and train, second class.
A private car is paid with 0.31 marks a kilometre, where there is no
other way. Receipts are handed in within six weeks.""",
    """5. Keys and doors
The building is locked at eight in the evening. Each has one key and
signs for it. A lost key is told to the caretaker, Bruno Castellane,
at once; a new lock costs the town 160 marks.""",
    """6. Telephones and computers
Passwords have at least fourteen characters. Screens are locked when
one leaves the desk. Nothing that concerns citizens is stored on
private machines.""",
    """7. Purchases
Up to 500 marks each office buys for itself. Up to 5,000 marks three
offers are asked for, and the town clerk signs. Anything beyond goes
to the council.""",
    """8. Gifts
Nobody takes gifts from those whose papers are on their desk. Flowers
and chocolate up to a value of 15 marks may be shared in the kitchen.""",
    """9. Fire
At the alarm everybody leaves by the nearest stairs and goes to the
assembly point beneath the chestnut tree in Tanner Street. The fire
wardens are wearing yellow caps. Nobody takes the lift.""",
    """10. Training
Each may spend four days a year on courses. The town pays for those
that the head of the office has agreed to beforehand, and half of the
fee for a language.""",
    """11. Leaving
Notice is given in writing, six weeks before the end of a quarter.
Keys, telephone and the grey card are handed in on the last day. A
reference is written within a month.""",
)

_FESTIVAL = (
    "The herring festival\nPlans of the committee for this summer",
    "When and where\n12 to 15 July, on the quay and in the market square\nOpening with the brass band of Nordby",
    "The regatta\n43 boats have entered\nThe start is at the west mole at ten on Saturday\nThe prize: a silver herring",
    "Food\nTwenty-two stalls\nThe fish hall fries 900 kilos of herring\nNo plastic plates this year",
    "Safety\nFirst aid in the customs house\nLost children are brought to the lighthouse keeper",
    "Money\nThe town gives 18,500 marks\nThe brewery Alder & Daughters gives the beer",
)

_LIFEBOAT = (
    "The lifeboat of Larkhaven",
    "The station was founded in 1866, after the wreck of the barque Philomena, in which nineteen people drowned.",
    "Its boat today is the Saint Orla, built in 2011. She is fourteen metres long, makes 25 knots, and rights herself "
    "within six seconds when she is thrown over.",
    "The coxswain is Ragnhild Moe. Twenty-six volunteers take turns; six of them make a crew.",
    "Last year the boat was called out 31 times. The longest search, for two students in a kayak, took 14 hours. Both "
    "Both were found alive on Skerry Island.",
    "The station is paid for by gifts alone. The boathouse can be visited on the first Saturday of a month.",
)

_BUDGET: Mapping[str, list[list[str | float]]] = {
    "Income": [
        ["source", "marks"],
        ["property tax", 2_410_000],
        ["harbour dues", 655_000],
        ["tourist levy", 98_400],
        ["grants", 730_000],
    ],
    "Spending": [
        ["office", "marks"],
        ["school", 1_320_000],
        ["roads and bridges", 884_000],
        ["library", 141_500],
        ["museum", 62_000],
        ["parks and beaches", 117_250],
    ],
    "Debts": [
        ["lender", "marks", "until"],
        ["Savings Bank of Ashby", 1_750_000, "2038"],
        ["Harbour Fund", 400_000, "2029"],
    ],
}


class Question(Struct, frozen=True, kw_only=True):
    """A question, and where its answer stands."""

    asked: str
    file: str
    says: str
    """What the answer must hold."""
    page: int | None = None
    """Page, slide or sheet, where the file has any."""


QUESTIONS = (
    Question(
        asked="How many days of holiday do town hall employees have?", file="staff-handbook.pdf", page=3, says="27"
    ),
    Question(
        asked="Where is the assembly point when there is a fire alarm?",
        file="staff-handbook.pdf",
        page=10,
        says="chestnut tree",
    ),
    Question(asked="How many boats have entered the regatta?", file="festival.pptx", page=3, says="43"),
    Question(asked="How much does the town spend on the museum?", file="budget.xlsx", page=2, says="62"),
    Question(asked="Who is the coxswain of the lifeboat?", file="lifeboat.docx", says="Ragnhild Moe"),
    Question(asked="Which modbus port does the pump station's controller have?", file="pump-station.json", says="1502"),
    Question(asked="At what time does the Petrel depart for Skerry Island?", file="ferries.csv", says="08:15"),
    Question(asked="How tall was the highest bore that was ever measured?", file="tides.tex", says="1.74"),
    Question(asked="What does a late book cost each day at the library?", file="library.html", says="20 pennies"),
    Question(asked="May I keep a cockerel or hens on my allotment?", file="allotments.md", says="five"),
    Question(asked="What is the fine for not picking up after a dog?", file="bylaws.md", says="40 marks"),
    Question(asked="What was washed ashore at the south beach?", file="harbour-log.txt", says="oranges"),
    Question(asked="What discount do groups get on the ferry fares?", file="fares.py", says="0.15"),
)


def documents() -> dict[str, bytes]:
    """Return the town's documents by their names: the written ones, and those that programs make."""
    written = {path.name: path.read_bytes() for path in sorted(WRITTEN.iterdir())}
    return {
        **written,
        "staff-handbook.pdf": pdf(_STAFF_HANDBOOK),
        "festival.pptx": pptx(_FESTIVAL),
        "lifeboat.docx": docx(_LIFEBOAT),
        "budget.xlsx": xlsx(_BUDGET),
    }

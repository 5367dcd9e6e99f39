"""What helps with each form: what it is for, what its fields mean, and what comes of it."""

from __future__ import annotations

from attrs import frozen

__all__ = ["TOPICS", "Point", "Topic", "topic_of"]


@frozen(kw_only=True)
class Point:
    """One thing that people ask themselves, and what answers it."""

    asked: str
    answer: str


@frozen(kw_only=True)
class Topic:
    """Help with some pages: those whose addresses begin with one of *paths*."""

    name: str
    title: str
    intro: str
    points: tuple[Point, ...]
    paths: tuple[str, ...]


TOPICS = (
    Topic(
        name="vehicles",
        title="Vehicles",
        intro="A name is enough to begin. Everything else can be added when you need it.",
        points=(
            Point(
                asked="Make and model",
                answer=(
                    "The list offers what we know; anything else may be typed. Whoever knows the VIN can "
                    "have make and year filled in."
                ),
            ),
            Point(
                asked="Units of a vehicle",
                answer=("An imported car can count miles while you read kilometres: type what its own meter shows."),
            ),
            Point(
                asked="State",
                answer=(
                    "A vehicle that is in the workshop or out of service stays in the books. Out of service, "
                    "it reminds of nothing."
                ),
            ),
            Point(
                asked="Removing",
                answer=(
                    "A removed vehicle is in the list of removed ones, and can be brought back with all its records."
                ),
            ),
        ),
        paths=("/vehicles",),
    ),
    Topic(
        name="fuel",
        title="Fill-ups and charging",
        intro=("Odometer, amount and price: from two full tanks on, the consumption follows by itself."),
        points=(
            Point(
                asked="Total or price of one unit",
                answer=(
                    "Type the amount and one of the two; the third follows. Both a comma and a point are understood."
                ),
            ),
            Point(
                asked="The tank is full",
                answer=(
                    "Consumption is counted from full tank to full tank. Without the tick the amount counts "
                    "for the next full one."
                ),
            ),
            Point(
                asked="I forgot to note the fill-up before",
                answer="Then this one begins anew, and no wrong consumption comes of it.",
            ),
            Point(
                asked="The odometer jumps",
                answer=(
                    "A number that does not fit between its neighbours is asked about once. Tick that it is "
                    "right, and it is taken."
                ),
            ),
            Point(
                asked="Without a connection",
                answer="The entry waits on this device and is sent once, when the connection is back.",
            ),
        ),
        paths=("/q/fuel", "/fuel", "/stations"),
    ),
    Topic(
        name="odometer",
        title="Odometer",
        intro=("Fill-ups, services and trips bring their readings along. Type one here when nothing else was noted."),
        points=(
            Point(asked="A wrong number", answer="Take the reading back and type the right one; the log shows both."),
            Point(
                asked="A new instrument",
                answer=("Say what the old one showed last and the new one first: distances go on without a break."),
            ),
            Point(asked="Engine hours", answer="Tractors and boats count hours: type them instead of a distance."),
        ),
        paths=("/q/odometer", "/readings"),
    ),
    Topic(
        name="services",
        title="Services, plans and checks",
        intro=("What was done, when, at which odometer and for how much: the service book of the vehicle."),
        points=(
            Point(
                asked="Parts and labour",
                answer="One line for each part. The total follows from the lines, or type it alone.",
            ),
            Point(
                asked="Reminders that it settles",
                answer="Tick them: they count on from the day and the odometer of this service.",
            ),
            Point(
                asked="Plans",
                answer=("A plan says what is due how often. A template brings the plan of a whole kind of vehicle."),
            ),
            Point(
                asked="Checklists and inspections",
                answer=(
                    "A checklist is what is looked at; an inspection is one time that it was. What fails "
                    "becomes a job if you want."
                ),
            ),
            Point(asked="Tyres", answer="Name each set once. Mounting and depth of tread are noted at the set."),
        ),
        paths=("/maintenance", "/jobs", "/plans", "/templates", "/checklists", "/inspections", "/tyres", "/providers"),
    ),
    Topic(
        name="reminders",
        title="Reminders",
        intro=("By distance, by time, or whichever comes first. You are told before it is due, as early as you say."),
        points=(
            Point(
                asked="Done",
                answer=(
                    "It counts on from today. Take Done, with a service, to write it into the service book as well."
                ),
            ),
            Point(asked="Snooze", answer="It is quiet for two weeks, and as due as before afterwards."),
            Point(asked="Skip", answer="This time is left out; the next one is due as if it had been done."),
            Point(asked="Several at once", answer="Tick them, and answer all with the buttons below the list."),
        ),
        paths=("/reminders",),
    ),
    Topic(
        name="expenses",
        title="Expenses",
        intro="Everything that is neither fuel nor a service: insurance, tax, parking, washing.",
        points=(
            Point(
                asked="Category",
                answer=("It says where the amount stands in the reports. Categories of your own can be added."),
            ),
            Point(
                asked="Recurring expenses",
                answer=("Say it once, such as a tax each year, and it is booked by itself when its day comes."),
            ),
            Point(asked="Receipts", answer="Save first; then take a photo of the receipt on the same page."),
        ),
        paths=("/expenses", "/recurring", "/expense-categories"),
    ),
    Topic(
        name="trips",
        title="Trips and the logbook",
        intro="Where you went, how far and what for: enough for a logbook that tax offices take.",
        points=(
            Point(
                asked="A trip that is still running",
                answer="Leave its end empty. When you arrive, say that it has ended.",
            ),
            Point(asked="Odometer or distance", answer="Two odometers, or one and the distance: the rest follows."),
            Point(asked="Purpose", answer="Private, business or the way to work. For business, name whom you visited."),
            Point(
                asked="Closed months",
                answer="A month that was closed can still be changed, with a reason that stays in the log.",
            ),
        ),
        paths=("/trips", "/rates"),
    ),
    Topic(
        name="documents",
        title="Documents",
        intro="Insurance, registration, warranty, lease, licences: you are told before they end.",
        points=(
            Point(
                asked="Ends on", answer="The last day on which it is valid. A reminder is set for the time before it."
            ),
            Point(asked="Renewing", answer="The new document stands beside the old one, which stays in the books."),
            Point(asked="The paper itself", answer="Save first; then attach a file or take a photo on the same page."),
        ),
        paths=("/documents", "/files"),
    ),
    Topic(
        name="reports",
        title="Reports and charts",
        intro="Every chart has its numbers as a table below it, and can be printed or kept as CSV.",
        points=(
            Point(
                asked="Which costs are in it",
                answer=("Fuel, services, expenses and recurring ones, each once, in the currency of the fleet."),
            ),
            Point(asked="Consumption", answer="Only whole stretches from full tank to full tank are counted."),
            Point(
                asked="Projection", answer="The dashed line goes on as the last months did. It is a guess, and says so."
            ),
        ),
        paths=("/reports",),
    ),
    Topic(
        name="data",
        title="Import and export",
        intro=("Bring the log of another app, see exactly what will be stored, and take it all back with one press."),
        points=(
            Point(
                asked="Nothing is stored before you say so",
                answer=("The preview shows each row: new, there already, or with a problem to mend or leave out."),
            ),
            Point(
                asked="Which files",
                answer=("CSV files and the exports of the apps that the page names. The format is found by itself."),
            ),
            Point(
                asked="Taking everything along",
                answer="The archive holds all records and files; another fleet can be made from it.",
            ),
        ),
        paths=("/imports", "/exports"),
    ),
    Topic(
        name="people",
        title="People and roles",
        intro=("Each person has an account of their own, and sees and records what their role allows."),
        points=(
            Point(
                asked="Invite somebody",
                answer="They get a link that works once. Their role can be changed at any time.",
            ),
            Point(
                asked="Lend a vehicle",
                answer="A guest sees only the vehicles that are lent to them, until the day that you name.",
            ),
            Point(asked="Roles of your own", answer="Begin with a role that is nearly right, and tick what differs."),
            Point(
                asked="Who did what", answer="Every change is in the log, with who made it and what stood there before."
            ),
        ),
        paths=("/people", "/invitations", "/audit", "/history"),
    ),
    Topic(
        name="account",
        title="Your account",
        intro=("Language, units, time zone and colours are yours alone; others of the fleet keep theirs."),
        points=(
            Point(
                asked="Second factor",
                answer="A code from your telephone besides the password. Keep the recovery codes on paper.",
            ),
            Point(
                asked="Devices",
                answer=(
                    "You stay signed in for 30 days after your last visit. Each device can be signed out from here."
                ),
            ),
            Point(
                asked="API keys",
                answer=(
                    "With a key a program acts in your name. Give it no more than it needs; it can be "
                    "revoked at any time."
                ),
            ),
        ),
        paths=("/account", "/notifications", "/login", "/register", "/forgot-password"),
    ),
    Topic(
        name="phone",
        title="On a phone and without a connection",
        intro=("The pages can be installed like an app, and entries can be typed where there is no connection."),
        points=(
            Point(
                asked="iPhone and iPad",
                answer=(
                    "In Safari press Share, then Add to Home Screen. What waits there is deleted after seven "
                    "days unless you do."
                ),
            ),
            Point(asked="Android", answer="In the menu of the browser press Install app, or Add to home screen."),
            Point(
                asked="What works without a connection",
                answer=(
                    "Fill-ups, odometer, trips, expenses and services; and looking at the pages that you opened last."
                ),
            ),
            Point(
                asked="The outbox",
                answer=(
                    "It shows what waits, what was stored and what was not taken. Nothing is sent twice, and "
                    "nothing is dropped without your press."
                ),
            ),
        ),
        paths=("/outbox", "/offline"),
    ),
    Topic(
        name="garage",
        title="The garage",
        intro=(
            "What needs attention stands first, then each vehicle with its last consumption, its "
            "costs and what is due next."
        ),
        points=(
            Point(
                asked="Find anything", answer="Press Find, or Ctrl and K: vehicles, records and pages by their words."
            ),
            Point(
                asked="It changes by itself",
                answer="What others do appears without a reload. Pause it at the end of the page.",
            ),
            Point(asked="Undo", answer="After every change the message below offers to take it back."),
        ),
        paths=("/", "/search"),
    ),
)


def topic_of(path: str) -> Topic:
    """Return what helps with the page at *path*: the topic whose path fits it most closely, else the garage."""
    if path.startswith("/vehicles/") and "/odometer" in path:
        path = "/q/odometer"
    return max(TOPICS, key=lambda topic: max(_fit(path, start) for start in topic.paths))


def _fit(path: str, start: str) -> int:
    if start == "/":
        return 1
    return len(start) if path == start or path.startswith(f"{start}/") else 0

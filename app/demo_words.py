"""What the people of the demo data write, and what their coaches answer. All of it is made up."""

from dataclasses import dataclass
from typing import Literal

# A page that depends on the hour at which the demo data is made. "lately": in the last hours. "answered": the
# latest evening whose pages the coach has come to by now. "overdue": the latest whose promise has passed.
Lately = Literal["lately", "answered", "overdue"]


@dataclass(frozen=True)
class Page:
    """A journal page, `ago` days before today; `clock` is local. `asks`: for an answer."""

    ago: int | Lately
    clock: str
    words: str
    mood: int | None = None
    tags: str = ""
    prompt: str = ""
    shared: bool = False
    asks: bool = False
    answer: str = ""
    binned: bool = False


@dataclass(frozen=True)
class Note:
    """The free line of a check-in, and what the coach answers to it."""

    ago: int
    words: str
    answer: str = ""
    used: bool = False


@dataclass(frozen=True)
class Used:
    """A skill that was used on some days (so many ago): when, for how many minutes, distress from `before` to `after`,
    give or take one; and what was said of it, the first times."""

    skill: str
    days: tuple[int, ...]
    clock: str
    minutes: int
    before: int
    after: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wave:
    """An urge on some days (so many ago; none named: on each Friday): when, from how strong to how strong, with which
    skill, and which of their own triggers set it off."""

    clock: str
    before: int
    after: int
    skill: str
    minutes: int
    set_off: str
    days: tuple[int, ...] = ()


@dataclass(frozen=True)
class Fall:
    """A setback: so many days ago, what was going on, what helped a little, and the small step after it. Shared."""

    ago: int
    clock: str
    word: str
    words: str
    helped: str
    next_step: str


@dataclass(frozen=True)
class Friend:
    """Somebody to call or text, and who they are to whom it is about."""

    name: str
    phone: str
    line: str


@dataclass(frozen=True)
class Risk:
    """A trigger: what happens, what they do then, how risky it is for them, 0–10, and its kind."""

    name: str
    plan: str
    risk: int
    sort: str


@dataclass(frozen=True)
class Month:
    """Somebody's days: `days` ago they came, `last_day` days ago they last wrote (0: today).

    `mood` 1–5, `urge` 0–10 and `sleep` in hours go from the first number to the second. `taps` and `checks`
    are the shares of days with a mood and with a check-in; only the last `tapped` days have any, as more would
    slow the first start. `caught_up`: the coach has read all of it. `fridays`: lines for the hard day of the week.
    """

    name: str
    coach: str
    days: int
    mood: tuple[float, float]
    urge: tuple[float, float]
    sleep: tuple[float, float] = (6, 7)
    taps: float = 0.8
    checks: float = 0.35
    tapped: int = 21
    last_day: int = 0
    caught_up: bool = False
    language: str = "en"
    pages: tuple[Page, ...] = ()
    notes: tuple[Note, ...] = ()
    fridays: tuple[str, ...] = ()
    people: tuple[Friend, ...] = ()
    used: tuple[Used, ...] = ()
    triggers: tuple[Risk, ...] = ()
    waves: tuple[Wave, ...] = ()
    falls: tuple[Fall, ...] = ()

    @property
    def key(self) -> str:
        return self.name.split()[0].lower()


ANA = Month(
    "Ana Keller", "cora", days=31, mood=(2.2, 4.1), urge=(6.8, 2.4), sleep=(4.6, 7), taps=0.9, checks=0.85,
    tapped=31,
    people=(
        Friend("Sam", "212-555-0142", "my sister, any time"),
        Friend("June", "(212) 555-0168", "my sponsor, before 10 pm"),
    ),
    used=(
        Used("box-breathing", (27, 25, 22, 20, 17, 13, 9, 6, 2), "08:40", 4, 7, 3, ("In the car, before work.",)),
        Used("ride-the-wave", (24, 18, 10, 3), "17:50", 10, 8, 4, ("It did get smaller. It took a while.",)),
        Used("ten-minute-walk", (19, 15, 12, 8, 5, 1), "12:30", 12, 6, 3, ("Around the block twice.",)),
        Used("cold-water", (14, 7), "21:10", 2, 8, 5),
        Used("three-songs", (11, 4), "19:20", 12, 4, 4, ("Nice. Did not change much.",)),
    ),
    triggers=(
        Risk("Friday, payday, leaving work", "I take the park road home and call Sam from the car.", 9, "times"),
        Risk("The corner store on 5th", "I shop at the other one, in daylight, with a list.", 8, "places"),
        Risk(
            "A hard call at the clinic", "I do the breathing in the car for five minutes before I drive.", 7,
            "hard-feelings",
        ),
        Risk("“You were more fun before”", "I say: “I drive tonight.” Then I go and stand with Sam.", 6, "pressure"),
        Risk("Less than six hours of sleep", "I eat first, keep the evening empty, and go to bed at nine.", 4, "tired"),
    ),
    waves=(
        Wave("17:10", 8, 4, "ride-the-wave", 12, "Friday, payday, leaving work"),
        Wave("18:35", 9, 5, "box-breathing", 5, "The corner store on 5th"),
        Wave("16:20", 7, 3, "ten-minute-walk", 11, "A hard call at the clinic", (23, 16, 8)),
        Wave("21:40", 5, 3, "cold-water", 3, "Less than six hours of sleep", (26, 12)),
    ),
    fridays=(
        "Friday. Payday, and everybody at work was making plans.",
        "Took the long way home, by the park. No corner store.",
        "Fridays are still loud. Sam came over and we cooked.",
        "Bad hour between 5 and 6. Then it was just a Friday night.",
    ),
    notes=(
        Note(30, "Don't really know what I'm doing here yet"),
        Note(26, "Headache all day. Drank a lot of water."),
        Note(
            22, "Walked the dog twice so I wouldn't sit around",
            answer="Two walks is a plan, even if it didn't feel like one. Keep that.",
        ),
        Note(18, "Ate lunch sitting down for once"),
        Note(14, "Long shift. One of the cats at work didn't make it and I did the call with the owner."),
        Note(10, "Snapped at Sam on the phone. Called back and said sorry."),
        Note(7, "Breathing thing in the car before going in. It helped, annoyingly."),
        Note(3, "Ok day. Nothing special, and I'll take it."),
    ),
    pages=(
        Page(
            31, "21:40",
            "First day done. I took the chair next to the door in case I wanted to leave, and then I "
            "didn't leave. People were nicer than I thought. I'm so tired.",
            mood=2, tags="first week", shared=True,
            answer="Sit by the door as long as you like. I'm glad you stayed, Ana. See you in group.",
        ),
        Page(
            29, "22:15",
            "Mark texted. I wrote three answers and sent none of them. Phone is in the kitchen drawer now.",
            mood=2, tags="Mark",
        ),
        Page(
            27, "18:50",
            "It was 6, I'd just come in, keys still in my hand, and there it was. Nothing had even "
            "happened. It's just the hour I used to pour one. Stood at the sink until it got smaller. "
            "Maybe 20 min.",
            mood=2, tags="urge, evenings", prompt="just-before", shared=True,
            answer="Six o'clock, keys in hand: now we know when it knocks. Could you be somewhere else at "
            "six twice this week? The library, Sam's, anywhere. Tell me how it goes.",
        ),
        Page(
            25, "07:30",
            "Woke at 3 and that was it. Lay there doing sums about money. No coffee after lunch today, "
            "let's see.",
            mood=2, tags="sleep", prompt="rest", shared=True,
        ),
        Page(
            23, "21:05",
            "Opened the mail from the bank. All of it. It's bad but it's a number now and not a monster.",
            mood=3, tags="money",
        ),
        Page(
            21, "19:20",
            "Went to the library at six like you said. Read a whole magazine about boats. I don't care "
            "about boats. Got home at 7:30 and the urge had come and gone without me 😅",
            mood=4, tags="urge, evenings, what worked", prompt="it-passed", shared=True,
            answer="Boats it is! You moved one hour and the evening changed. Which day would you like to "
            "do it again?",
        ),
        Page(
            19, "22:30",
            "Miss the old me a bit. She was fun at parties. She was also asleep on the bathroom floor by "
            "midnight so.",
            mood=2,
        ),
        Page(
            17, "20:10",
            "Made soup. Real soup, with a bone. Ate it at the table and put some in the freezer for bad "
            "days 🍲",
            mood=4, tags="food, good things", prompt="small-good", shared=True,
        ),
        Page(
            15, "13:20",
            "Tight chest since the meeting with my boss. I think it's not anger, I think I'm scared she'll "
            "notice how much I was gone last year.",
            mood=2, tags="work", prompt="name-it",
        ),
        Page(
            13, "20:40",
            "Team dinner next week at the grill place. Everybody drinks there. I want to be normal and go, "
            "and I also want to hide under my desk.",
            mood=3, tags="work, people", shared=True,
            answer="You can say yes to the people and no to most of the evening. \"I'll come by for "
            "dessert\" is a whole sentence. Want to practise it with me before the day?",
        ),
        Page(
            11, "22:00",
            "To a friend I'd say: you've slept five nights, you call people back, you're allowed to be "
            "proud quietly.",
            mood=4, prompt="good-friend",
        ),
        Page(
            9, "21:15",
            "I know my hours now. I know tired is worse than sad for me. I know I can leave a place. "
            "That's three things I didn't know a month ago.",
            mood=4, tags="good things", prompt="since-i-started", shared=True,
        ),
        Page(
            8, "23:05",
            "everyone keeps saying how well I'm doing and I want to scream",
            mood=2, binned=True,
        ),
        Page(
            6, "22:10",
            "Did the dinner! Came for dessert, had the lemon thing and a ginger ale, went home. My boss "
            "asked what I was drinking and I said ginger ale and that was the entire conversation.",
            mood=5, tags="work, what worked", prompt="a-kind-no", shared=True,
            answer="Dessert, ginger ale, home. You wrote that plan and then you did it. Put the sentence "
            "somewhere you'll find it again.",
        ),
        Page(
            "answered", "22:03",
            "Dana's birthday. Called Sam BEFORE, told her I'd be out by 9, and she said she'd stay up for "
            "it. Held a soda the whole time. Someone put a glass in front of me and my hand knew exactly "
            "what to do, that scared me. Left at 8:50. Shaky but home. Is it normal that it's the hand and "
            "not the head?",
            mood=4, tags="people, urge, Sam", shared=True, asks=True,
            answer="You called your sister before the party instead of after. That is the plan working. "
            "And yes, hands remember longer than heads do. Bring it to group?",
        ),
        Page(
            2, "22:20",
            "Not writing about money today. Just noting that I'm not writing about it.",
            mood=3, tags="money",
        ),
        Page(
            "lately", "20:41",
            "Sam asked if she can come to a family session. I want her to, and I also really don't. She'll "
            "bring up mom. What do other people do? Can I say beforehand what we leave out?",
            mood=3, tags="Sam, family", prompt="next-session", shared=True, asks=True,
        ),
    ),
)  # fmt: skip

BEN = Month(
    "Ben Ruiz", "dov", days=4, mood=(2.4, 2.4), urge=(6, 6), sleep=(5, 5), taps=1, last_day=4,
    triggers=(
        Risk("My cousin calls after eleven", "I let it ring and text back in the morning.", 8, "people"),
    ),
    notes=(
        Note(
            4, "first day. lot of forms",
            answer="Thanks for sitting through the forms, Ben. It gets more human from here. What should I "
            "know about your evenings?",
        ),
    ),
    pages=(
        Page(
            3, "23:20",
            "not sure this is for me. writing it here so I don't say it out loud in the room",
            mood=2,
        ),
    ),
)  # fmt: skip

ELI = Month(
    "Eli Novak", "fay", days=20, mood=(2.6, 3.7), urge=(6, 3), sleep=(5, 7), checks=0.7,
    notes=(
        Note(18, "Bus was late both ways"),
        Note(15, "Ran 2 km. Slow, but ran.", answer="Slow counts. What shoes do you have?"),
        Note(9, "Roommate had people over, I stayed at the laundromat till 11"),
        Note(5, "Tired in a good way"),
    ),
    pages=(
        Page(
            20, "20:30",
            "They asked for one goal and I said 'sleep'. Nobody laughed.",
            mood=3, shared=True,
            answer="Sleep is a very good first goal. Let's look at your evenings together this week.",
        ),
        Page(
            17, "22:45",
            "Dad called. Let it ring. Listened to the message three times.",
            mood=2, tags="dad",
        ),
        Page(
            13, "21:10",
            "The guys from the site go for a beer after. I said I had a dentist thing. Can't have a "
            "dentist every day. What do I say tomorrow?",
            mood=3, tags="work", prompt="a-kind-no", shared=True, asks=True,
            answer="How about: \"I'm not drinking these days, I'll come for the food.\" Say it once, "
            "early, then ask them something about the job. We'll try it out loud before your shift.",
        ),
        Page(10, "20:00", "Said it. One guy said 'cool, me neither'. ???", mood=5, tags="work", shared=True),
        Page(
            6, "23:10",
            "Wrote dad a letter. Not sending it yet.",
            mood=3, tags="dad", prompt="not-said-yet",
        ),
        Page(
            "lately", "20:22",
            "Foreman wants me on the early shift, so up at 4:30. I said yes before I thought about my "
            "sleep. I could still say no.",
            mood=3, tags="work, sleep", shared=True,
        ),
    ),
)  # fmt: skip

# The others on Cora's caseload and on Dov's, each in another state, most of them doing fine.
JULES = Month(
    "Jules Tran", "cora", days=38, mood=(3.6, 2.4), urge=(4, 7), sleep=(7, 5), checks=0.6,
    notes=(
        Note(12, "New manager. New everything."),
        Note(
            7, "Urge was an 8 on the train",
            answer="An 8 and you stayed on the train. What did you look at until it eased?",
        ),
        Note(2, "Slept on the couch again"),
    ),
    pages=(
        Page(
            20, "19:45",
            "Third week with my own keys. Still check the lock four times but I like the sound.",
            mood=4, shared=True,
        ),
        Page(
            9, "21:30",
            "Shifts moved again, I found out from a sticker on the fridge. I'm angrier than the sticker "
            "deserves.",
            mood=2, tags="work", shared=True,
            answer="Being moved around without a word would make me angry too. Bring the new hours, we'll "
            "find you a group that fits.",
        ),
        Page(
            "overdue", "20:35",
            "They put me on evenings from next week, so I'd miss group every time. Can I switch to "
            "mornings? I don't want to lose my spot. It's been a rough couple of days.",
            mood=2, tags="work, group", shared=True, asks=True,
        ),
    ),
)  # fmt: skip

MARISOL = Month(
    "Marisol Vega", "cora", days=17, mood=(3.2, 2.5), urge=(5, 6), sleep=(6, 5.5), checks=0.6, last_day=7,
    notes=(
        Note(14, "Kids at their grandma's, house too quiet"),
        Note(10, "Good group. Laughed, even."),
        Note(
            7, "Had two drinks at my cousin's. Told my roommate when I got home.", used=True,
            answer="Thank you for telling your roommate, and me. Every day you had before still counts. "
            "Can I call you in the morning, around ten?",
        ),
    ),
    pages=(
        Page(
            13, "20:15",
            "Lit a candle instead of opening something. Felt a bit silly. Did it anyway.",
            mood=4, prompt="not-easy", shared=True,
        ),
        Page(
            9, "23:00",
            "I don't want the kids to be careful around me.",
            mood=2, tags="kids", prompt="my-reasons",
        ),
    ),
    falls=(
        Fall(
            7, "22:10", "drank", "My cousin's birthday. Everybody had a glass in their hand, and then I did.",
            "I went home early, by myself, and told my roommate.", "Call Cora before group.",
        ),
    ),
)  # fmt: skip

THEO = Month(
    "Theo Lang", "cora", days=58, mood=(3.2, 4), urge=(3, 2), sleep=(6.5, 7), checks=0.6,
    notes=(
        Note(11, "Signed the lease!!", answer="Keys! Congratulations, Theo. What goes on the wall first?"),
        Note(4, "Boxes everywhere"),
    ),
    pages=(
        Page(
            24, "21:00",
            "Seven months till my license is back. Bought a better bike lock in the meantime.",
            mood=4, shared=True,
        ),
        Page(
            8, "22:15",
            "First night in the new place. No curtains. Slept like a stone.",
            mood=4, tags="home", shared=True,
        ),
        Page(
            "lately", "20:55",
            "Only one group a week from now on. I thought I'd be happier about it. What do I do with the "
            "other evenings?",
            mood=3, tags="next phase", prompt="next-session", shared=True,
        ),
    ),
)  # fmt: skip

NADIA = Month(
    "Nadia Brook", "cora", days=10, mood=(2.2, 3.2), urge=(7, 5), sleep=(4.5, 6), checks=0.7,
    notes=(
        Note(8, "My hands were steadier today"),
        Note(4, "Said my name in group"),
    ),
    pages=(
        Page(
            9, "20:20",
            "Told my boss I have 'a medical thing' in the evenings. She said ok. I'd practised for an hour "
            "for an ok.",
            mood=3, tags="work", shared=True,
            answer="An hour of practice for an ok: worth it. You have your evenings now.",
        ),
        Page(
            5, "23:30",
            "Went through the cupboard. Gave it all to the neighbour. Cried in the hallway, good kind I "
            "think.",
            mood=3, tags="home",
        ),
        Page(
            "lately", "20:14",
            "My brother's wedding is in three weeks and there's an open bar. Do I have to decide now if I "
            "go? Everyone is asking.",
            mood=2, tags="family", shared=True, asks=True,
        ),
    ),
)  # fmt: skip

IMANI = Month(
    "Imani Reed", "cora", days=47, mood=(3.4, 4), urge=(3, 1), caught_up=True,
    notes=(
        Note(9, "Choir again after two years"),
        Note(6, "Sore throat, happy"),
    ),
    pages=(
        Page(
            16, "21:20",
            "Sang the whole second part and nobody turned around. That's how you know it was fine.",
            mood=5, tags="choir", prompt="small-good", shared=True,
            answer="I'd like to hear that second part some day!",
        ),
    ),
)  # fmt: skip

HANK = Month(
    "Hank Olsen", "cora", days=66, mood=(3.3, 3.6), urge=(3, 2),
    sleep=(6, 6.5), taps=0.7, checks=0.3, caught_up=True,
    notes=(
        Note(13, "Knee bad. Did the stretches."),
    ),
    pages=(
        Page(
            21, "06:50",
            "Grandson asked why I drink so much tea now. Told him the truth, the short version. He said "
            "'ok grandpa' and went back to his trucks.",
            mood=4, tags="family", shared=True,
            answer="The short version was exactly the right length, Hank.",
        ),
    ),
)  # fmt: skip

PRIYA = Month(
    "Priya Nair", "cora", days=24, mood=(2.8, 3.8), urge=(5, 3), caught_up=True,
    notes=(
        Note(17, "Exam next week, brain is soup"),
        Note(8, "Passed!", answer="Yes! Who gets to hear it first?"),
    ),
    pages=(
        Page(
            19, "23:15",
            "Studied at the kitchen table with everyone around. Worse for the notes, better for me.",
            mood=3, tags="school", shared=True,
        ),
        Page(12, "22:40", "I say 'I'm fine' in three languages.", mood=3),
    ),
)  # fmt: skip

LUIS = Month(
    "Luis Ortega", "cora", days=33, mood=(2.7, 3.8), urge=(5, 2), caught_up=True, language="es",
    notes=(
        Note(15, "Mucho trabajo, poca cabeza"),
        Note(8, "Llamé a mi hermano"),
    ),
    pages=(
        Page(
            26, "20:40",
            "Hoy salí de la obra y mis compañeros iban por cerveza. Dije que me esperaban en casa. Era "
            "verdad: me esperaba el perro 🐕",
            mood=4, tags="trabajo", prompt="not-easy", shared=True,
            answer="Buen motivo, y buen perro. ¿Qué les dirás la próxima vez, si preguntan?",
        ),
        Page(
            10, "21:50",
            "Mi mamá me notó la voz más tranquila por teléfono. No le había contado nada.",
            mood=4, tags="familia", prompt="felt-close", shared=True,
            answer="Las mamás oyen todo. Me alegra mucho, Luis.",
        ),
        Page(5, "22:30", "Me da pena hablar de esto con mi papá.", mood=3, tags="familia"),
    ),
)  # fmt: skip

GRACE = Month(
    "Grace Kim", "cora", days=72, mood=(3.6, 4.2), urge=(2, 1), taps=0.75, checks=0.25, caught_up=True,
    notes=(
        Note(12, "Quiet week. I like quiet weeks."),
    ),
    pages=(
        Page(
            15, "20:05",
            "Asked to lead the check-in round next time. Me! I used to look at the carpet.",
            mood=5, tags="group", prompt="since-i-started", shared=True,
            answer="I remember the carpet. You'll be good at it.",
        ),
    ),
)  # fmt: skip

WES = Month(
    "Wes Dunn", "cora", days=13, mood=(2.6, 3.4), urge=(6, 4), sleep=(5, 6), caught_up=True,
    notes=(
        Note(11, "Cold coffee, warm people"),
        Note(6, "Fixed the porch step", answer="Something you can stand on. Nice."),
    ),
    pages=(
        Page(
            9, "19:30",
            "Drove past the old place without slowing down. Had to tell somebody. You're somebody.",
            mood=4, shared=True,
            answer="I'm glad I'm somebody. Same road tomorrow, or is there another one?",
        ),
    ),
)  # fmt: skip

TESS = Month(
    "Tess Moran", "dov", days=22, mood=(3, 3.6), urge=(5, 3), checks=0.6,
    notes=(
        Note(6, "Swam ten lengths", answer="Ten! How was the water?"),
    ),
    pages=(
        Page(
            "lately", "20:37",
            "My daughter drew our house and I'm in it this time, with a big hat. Putting it on the fridge.",
            mood=5, tags="family", prompt="small-good", shared=True,
        ),
    ),
)  # fmt: skip

OMAR = Month(
    "Omar Haddad", "dov", days=41, mood=(3.2, 3.9), urge=(4, 2), caught_up=True,
    notes=(
        Note(10, "Old friend called, we talked an hour"),
    ),
    pages=(
        Page(
            14, "22:00",
            "Paid back the first fifty. He'd forgotten about it. I hadn't.",
            mood=4, tags="money", shared=True,
            answer="That one was heavy for fifty dollars. Well done for putting it down.",
        ),
    ),
)  # fmt: skip

MONTHS = (
    ANA, BEN, ELI, JULES, MARISOL, THEO, NADIA, IMANI, HANK, PRIYA, LUIS, GRACE, WES, TESS, OMAR,
)  # fmt: skip

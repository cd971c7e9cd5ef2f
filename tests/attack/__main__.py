"""`make attack`: what tools try, one after the other, in the frame of `make faults` (ONLY=fuzz SEED=7 N=20).

Ends with an error if anything that has to be nothing is not.
"""

from tests.attack import fuzzed, guessed, injected, scripted, smuggled
from tests.faults.__main__ import Proof, begin

PROOFS: dict[str, Proof] = {
    "fuzz": Proof(fuzzed.run, 5),
    "scripts": Proof(scripted.run, 6),
    "guesses": Proof(guessed.run, 1000),
    "smuggling": Proof(smuggled.run, 1),
    "sql": Proof(injected.run, 60),
}

if __name__ == "__main__":
    begin("tests.attack", PROOFS)

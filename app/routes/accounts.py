"""Signing in and out."""

from typing import Annotated

from fastapi import Response

from app.access import SignedOut, SigningIn, remember, sign_in, sign_out
from app.forms import Posted, blank, posted
from app.models.accounts import SignInForm, held, local
from app.pages import away, page, refused
from app.router import Router

router = Router()


@router.get("/sign-in")
def new(door: SignedOut, next: str = "") -> Response:
    return page(door, "accounts/sign_in.html", form=blank(next=local(next)))


@router.post("/sign-in")
def create(door: SigningIn, form: Annotated[Posted[SignInForm], posted(SignInForm)]) -> Response:
    who = None if form.refused else sign_in(door, form)
    if who is None:
        return refused(door, "accounts/sign_in.html", form=form)
    door.visitor, given_back = who, held(form.values.held, who.token)
    answer = page(door, "held.html", **given_back) if given_back else away(local(form.values.next) or "/")
    return remember(door, answer)


# It reads no form: a page made for whoever was signed in here before signs this device out just as well.
@router.post("/sign-out")
def destroy(door: SignedOut) -> Response:
    return sign_out(door, away("/sign-in"))

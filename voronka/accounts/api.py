"""People, for programs."""

from __future__ import annotations

from typing import Any

from ninja import Router, Schema

from voronka.accounts.models import User
from voronka.core.frame import Request

router = Router()


class PersonOut(Schema):
    id: int
    name: str
    email: str
    job_title: str
    is_active: bool


class MeOut(PersonOut):
    language: str
    time_zone: str
    permissions: list[str]

    @staticmethod
    def resolve_permissions(user: User) -> list[str]:
        return user.role.permissions


@router.get("/me", response=MeOut, operation_id="me", summary="Who I am and what I may do")
def me(request: Request) -> Any:
    return request.user


@router.get("/users", response=list[PersonOut], operation_id="users", summary="Colleagues")
def users(request: Request) -> Any:
    return User.objects.visible_to(request.user).order_by("name")[:1000]

"""Imports, for programs."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from voronka.core.frame import Request
from voronka.core.schemas import PathKey, Text
from voronka.imports import actions
from voronka.imports.models import ImportRun

router = Router()


class RunOut(Schema):
    id: int
    kind: str
    name: str
    status: str
    message: str
    headers: list[str]
    mapping: dict[str, str]
    rows: int
    created: int
    updated: int
    skipped: int
    refused: int
    removed: int
    restored: int
    total: int | None
    phase: str
    share: float
    rows_done: int
    seconds_left: int | None
    missing: dict[str, list[str]]
    options: dict[str, Any]
    parts: list[int]

    @staticmethod
    def resolve_parts(run: ImportRun) -> list[int]:
        """The runs of the single files where several come in together."""
        return [part.pk for part in run.parts.all()] if run.is_bundle else []


class OutcomeOut(Schema):
    """What becomes of rows: how many for which reason, and the first of them as [row, reason, id of the record, values by field]."""

    action: str
    reasons: list[tuple[str, int]]
    rows: list[tuple[int, str, int | None, dict[str, str]]]


class ConflictOut(Schema):
    """A record kept ("edited" or "used" since), or one field of it whose value people changed since."""

    model: str
    object_id: int
    title: str
    field: str
    before: str
    imported: str
    current: str
    reason: str


class MappingIn(Schema):
    """Column number -> field, and what to do about duplicates and rows without a partner."""

    mapping: dict[str, Text]
    kind: Text = ""
    options: dict[str, Text | bool] = {}


def _run(request: Request, pk: int) -> ImportRun:
    return get_object_or_404(ImportRun.objects.editable_by(request.user), pk=pk)


@router.get("/imports", response=list[RunOut], operation_id="imports", summary="The latest imports")
def imports(request: Request) -> Any:
    return ImportRun.objects.visible_to(request.user).newest()[:100]


@router.post("/imports", response={201: RunOut}, operation_id="receive_file", summary="Hand a file in")
def receive_file(request: Request, file: File[UploadedFile], kind: Text = "") -> Any:
    if not request.user.has_perm("imports.run"):
        raise PermissionDenied
    return 201, actions.receive(file, file.name or "file", kind=kind, by=request.user)


@router.post(
    "/imports/together",
    response={201: RunOut},
    operation_id="receive_files",
    summary="Hand in files that belong together: they come in as one import",
)
def receive_files(request: Request, files: File[list[UploadedFile]]) -> Any:
    if not request.user.has_perm("imports.run"):
        raise PermissionDenied
    return 201, actions.receive_together([(file, file.name or "file") for file in files], by=request.user)


@router.get("/imports/{pk}", response=RunOut, operation_id="import_run", summary="How an import stands")
def import_run(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(ImportRun.objects.visible_to(request.user), pk=pk)


@router.put("/imports/{pk}/mapping", response=RunOut, operation_id="map_import", summary="Say how the columns are read")
def map_import(request: Request, pk: PathKey, given: MappingIn) -> Any:
    return actions.set_mapping(_run(request, pk), given.mapping, dict(given.options), kind=given.kind, by=request.user)


@router.post(
    "/imports/{pk}/check",
    response=RunOut,
    operation_id="check_import",
    summary="Check every row in the background",
)
def check_import(request: Request, pk: PathKey) -> Any:
    return actions.start(_run(request, pk), write=False, by=request.user)


@router.post(
    "/imports/{pk}/start",
    response=RunOut,
    operation_id="start_import",
    summary="Bring it in in the background",
)
def start_import(request: Request, pk: PathKey) -> Any:
    return actions.start(_run(request, pk), write=True, by=request.user)


@router.get(
    "/imports/{pk}/outcome",
    response=list[OutcomeOut],
    operation_id="import_outcome",
    summary="What the check or the run made of the rows: reasons, and the first rows of each outcome",
)
def import_outcome(request: Request, pk: PathKey) -> Any:
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=pk)
    return [{"action": action, **found} for action, found in run.outcome.items()]


@router.post("/imports/{pk}/pause", response=RunOut, operation_id="pause_import", summary="Let it rest")
def pause_import(request: Request, pk: PathKey) -> Any:
    return actions.pause(_run(request, pk), by=request.user)


@router.post(
    "/imports/{pk}/resume",
    response=RunOut,
    operation_id="resume_import",
    summary="Go on where the pause began",
)
def resume_import(request: Request, pk: PathKey) -> Any:
    return actions.resume(_run(request, pk), by=request.user)


@router.post("/imports/{pk}/cancel", response=RunOut, operation_id="cancel_import", summary="Call it off")
def cancel_import(request: Request, pk: PathKey) -> Any:
    return actions.cancel(_run(request, pk), by=request.user)


@router.post(
    "/imports/{pk}/undo",
    response=RunOut,
    operation_id="undo_import",
    summary="Take the whole import back in the background",
)
def undo_import(request: Request, pk: PathKey) -> Any:
    return actions.undo(_run(request, pk), by=request.user)


@router.get(
    "/imports/{pk}/conflicts",
    response=list[ConflictOut],
    operation_id="import_conflicts",
    summary="What taking an import back left alone, the first 1,000",
)
def import_conflicts(request: Request, pk: PathKey) -> Any:
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=pk)
    return actions.conflicts_of(run)[:1000]

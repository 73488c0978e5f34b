"""Contacts with partners and work to do: calls, meetings, tasks, notes, e-mails, in one table from planning to what came of it."""

from voronka.activities.models.calendar import Absence, CalendarFeed, Holiday, Invitation, Series
from voronka.activities.models.mail import Letter, LetterTemplate, Mailbox, MailFolder
from voronka.activities.models.sequences import RunStep, Sequence, SequenceRun, SequenceStep
from voronka.activities.models.work import (
    Activity,
    ActivitySubject,
    ActivityType,
    Attachment,
    Kind,
    LeftBytes,
    Outcome,
    Status,
    Words,
)

__all__ = [
    "Absence",
    "Activity",
    "ActivitySubject",
    "ActivityType",
    "Attachment",
    "CalendarFeed",
    "Holiday",
    "Invitation",
    "Kind",
    "LeftBytes",
    "Letter",
    "LetterTemplate",
    "MailFolder",
    "Mailbox",
    "Outcome",
    "RunStep",
    "Sequence",
    "SequenceRun",
    "SequenceStep",
    "Series",
    "Status",
    "Words",
]

"""Pipedrive: every header is "Entity - Field"."""

from voronka.imports.dialects import Dialect

_ORGANISATION = ("Organization - Name", "Organisation - Name", "Organization - Organization", "Organisation")

DIALECT = Dialect(
    slug="pipedrive",
    title="Pipedrive",
    decides={"Activity - Subject": "activities", "Activity - Type": "activities"},
    prefixes=("deal - ", "person - ", "organization - ", "organisation - ", "lead - ", "activity - "),
    signs=("Deal - Title", "Person - Name", "Organization - Name"),
    kinds={
        "activities": {
            "external_id": ("Activity - ID",), "kind": ("Activity - Type",), "title": ("Activity - Subject",), "happened_at": ("Activity - Due date",),
            "status": ("Activity - Done",), "text": ("Activity - Note", "Note - Content"), "owner_name": ("Activity - Assigned to user",),
            "opportunity_name": ("Activity - Deal", "Deal - Title"), "partner_name": ("Activity - Organization", *_ORGANISATION),
            "contact_name": ("Activity - Contact person", "Person - Name"),
        },
        "opportunities": {
            "external_id": ("Deal - ID", "Deal - Pipedrive System ID"),
            "name": ("Deal - Title", "Lead - Title"),
            "potential": ("Deal - Value", "Deal - Deal value"),
            "stage": ("Deal - Stage", "Deal - Stage (pipeline)"),
            "status": ("Deal - Status",),
            "percentage": ("Deal - Probability",),
            "owner_name": ("Deal - Owner",),
            "opened_on": ("Deal - Creation date", "Deal - Deal created", "Deal - Deal created on"),
            "predicted_close_on": ("Deal - Expected close date",),
            "closed_on": ("Deal - Closed on", "Deal - Won time", "Deal - Lost time", "Deal - Deal closed on"),
            "reason_words": ("Deal - Lost reason",),
            "source": ("Deal - Label", "Lead - Source channel"),
            "partner_name": ("Deal - Organization", "Deal - Organisation", *_ORGANISATION),
            "street": ("Organization - Address", "Organisation - Address"),
            "contact_name": ("Deal - Contact person", "Person - Name"),
            "contact_first_name": ("Person - First name",),
            "contact_last_name": ("Person - Last name",),
            "contact_phone": ("Person - Phone", "Person - Phone (Work)"),
            "contact_email": ("Person - Email (Work)", "Person - Email"),
            "remarks": ("Note - Content",),
        },
        "contacts": {
            "name": ("Person - Name",), "first_name": ("Person - First name",), "last_name": ("Person - Last name",),
            "phone": ("Person - Phone", "Person - Phone (Work)"), "email": ("Person - Email (Work)", "Person - Email"),
            "partner_name": ("Person - Organization", *_ORGANISATION), "owner_name": ("Person - Owner",),
            "street": ("Organization - Address", "Person - Mailing Address"),
        },
        "partners": {
            "name": _ORGANISATION, "street": ("Organization - Address", "Organisation - Address"), "owner_name": ("Organization - Owner", "Organisation - Owner"),
            "external_id": ("Organization - ID", "Organisation - ID"), "website": ("Organization - Website",), "industry": ("Organization - Industry",),
        },
    },
)  # fmt: skip

"""HubSpot: contacts, companies and deals, each led by "Record ID"."""

from voronka.imports.dialects import Dialect

_COMPANY = ("Associated Company", "Primary Associated Company", "Company Name")

DIALECT = Dialect(
    slug="hubspot",
    title="HubSpot",
    signs=("Record ID", "Deal Stage", "Lifecycle Stage", "Lead Status", "Contact owner", "Deal owner", "Company owner", "Company Domain Name",
           "Associated Company IDs", "Date entered current stage"),
    kinds={
        "opportunities": {
            "external_id": ("Record ID",), "name": ("Deal Name",), "stage": ("Deal Stage",), "closed_on": ("Close Date",), "potential": ("Amount",),
            "owner_name": ("Deal owner",), "opened_on": ("Create Date",), "partner_name": _COMPANY, "contact_name": ("Associated Contact",),
            "reason_words": ("Closed Lost Reason",), "source": ("Original Source",),
        },
        "contacts": {
            "first_name": ("First Name",), "last_name": ("Last Name",), "email": ("Email",), "phone": ("Phone Number",), "position": ("Job Title",),
            "owner_name": ("Contact owner",), "partner_name": _COMPANY, "partner_source": ("Original Source",), "city": ("City",),
            "region": ("State/Region",), "postcode": ("Postal Code",), "country": ("Country/Region",),
        },
        "partners": {
            "external_id": ("Record ID",), "name": ("Company name",), "website": ("Company Domain Name", "Website URL"), "owner_name": ("Company owner",),
            "industry": ("Industry",), "phone": ("Phone Number",), "city": ("City",), "country": ("Country/Region",), "employees": ("Number of Employees",),
            "annual_revenue": ("Annual Revenue",),
        },
    },
    words={
        "stage": {
            "appointmentscheduled": "Appointment scheduled", "qualifiedtobuy": "Qualified to buy", "presentationscheduled": "Presentation scheduled",
            "decisionmakerboughtin": "Decision maker bought-in", "contractsent": "Contract sent", "closedwon": "won", "closedlost": "lost",
        },
    },
)  # fmt: skip

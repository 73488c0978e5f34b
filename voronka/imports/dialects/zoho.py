"""Zoho CRM: deals, contacts, accounts and leads; ids stand beside names as "… .id"."""

from voronka.imports.dialects import Dialect

DIALECT = Dialect(
    slug="zoho",
    title="Zoho CRM",
    signs=("Record Id", "Deal Owner.id", "Account Name.id", "Contact Name.id", "Created By.id", "Modified By.id", "Change Log Time", "Closing Date",
           "Overall Sales Duration", "Deal Owner", "Contact Owner.id", "Account Owner.id", "Lead Owner.id", "Note Content", "Parent ID.id", "Note Owner.id", "Associated_Id"),
    decides={"Note Content": "activities"},
    kinds={
        "activities": {
            "external_id": ("Record Id",), "title": ("Note Title",), "text": ("Note Content",), "happened_at": ("Created Time",),
            "owner_name": ("Note Owner", "Created By"), "partner_name": ("Parent ID",), "partner_external_id": ("Parent ID.id", "Associated_Id"),
        },
        "opportunities": {
            "external_id": ("Record Id",), "owner_name": ("Deal Owner",), "potential": ("Amount",), "name": ("Deal Name",), "closed_on": ("Closing Date",),
            "partner_name": ("Account Name",), "partner_external_id": ("Account Name.id",), "stage": ("Stage",), "percentage": ("Probability (%)",),
            "source": ("Lead Source",), "opened_on": ("Created Time",), "remarks": ("Description",), "contact_name": ("Contact Name",),
        },
        "contacts": {
            "first_name": ("First Name",), "last_name": ("Last Name",), "partner_name": ("Account Name",), "partner_external_id": ("Account Name.id",),
            "email": ("Email",), "phone": ("Phone", "Mobile"), "position": ("Title",), "street": ("Mailing Street",), "city": ("Mailing City",),
            "region": ("Mailing State",), "postcode": ("Mailing Zip",), "country": ("Mailing Country",), "owner_name": ("Contact Owner",),
        },
        "partners": {
            "external_id": ("Record Id",), "name": ("Account Name", "Company", "Lead Name"), "phone": ("Phone",), "website": ("Website",), "street": ("Billing Street",),
            "city": ("Billing City",), "region": ("Billing State",), "postcode": ("Billing Code",), "remarks": ("Description",), "source": ("Lead Source",),
            "owner_name": ("Account Owner", "Lead Owner"), "contact_first_name": ("First Name",), "contact_last_name": ("Last Name",), "email": ("Email",),
        },
    },
)  # fmt: skip

"""EspoCRM: attribute names in CSV, labels in XLSX."""

from voronka.imports.dialects import Dialect

DIALECT = Dialect(
    slug="espocrm",
    title="EspoCRM",
    signs=("assignedUserName", "assignedUserId", "amountCurrency", "amountConverted", "accountId", "closeDate", "lastStage", "createdAt", "modifiedAt", "emailAddress",
           "phoneNumber", "billingAddressCity", "billingAddressStreet", "Contact (Primary)", "Amount Weighted", "Last Stage", "salutationName", "addressCity"),
    kinds={
        "opportunities": {
            "external_id": ("id",), "name": ("name", "Name"), "potential": ("amount", "Amount"), "partner_name": ("accountName", "Account"),
            "partner_external_id": ("accountId",), "contact_name": ("contactName", "Contact (Primary)"), "stage": ("stage", "Stage"),
            "percentage": ("probability", "Probability, %"), "source": ("leadSource", "Lead Source"), "closed_on": ("closeDate", "Close Date"),
            "remarks": ("description",), "owner_name": ("assignedUserName", "Assigned User"), "opened_on": ("createdAt", "Created At"),
        },
        "contacts": {
            "first_name": ("firstName",), "last_name": ("lastName",), "partner_name": ("accountName",), "position": ("title",), "email": ("emailAddress",),
            "phone": ("phoneNumber",), "street": ("addressStreet",), "city": ("addressCity",), "region": ("addressState",), "country": ("addressCountry",),
            "postcode": ("addressPostalCode",), "remarks": ("description",), "owner_name": ("assignedUserName",),
        },
        "partners": {
            "external_id": ("id",), "name": ("name",), "website": ("website",), "industry": ("industry",), "email": ("emailAddress",), "phone": ("phoneNumber",),
            "street": ("billingAddressStreet",), "city": ("billingAddressCity",), "region": ("billingAddressState",), "country": ("billingAddressCountry",),
            "postcode": ("billingAddressPostalCode",), "remarks": ("description",), "owner_name": ("assignedUserName",), "kind": ("type",),
        },
    },
)  # fmt: skip

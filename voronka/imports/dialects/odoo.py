"""Odoo: the partner template, and exports of opportunities with labels or technical names. Labels of opportunities are guessed."""

from voronka.imports.dialects import Dialect

DIALECT = Dialect(
    slug="odoo",
    title="Odoo",
    guessed=True,
    signs=("Related Company", "Address Type", "Company Type", "partner_id/id", "stage_id/id", "user_id/id", "Expected Closing", "Salesperson", "Sales Team",
           "expected_revenue", "date_deadline", "partner_id", "stage_id", "Street2", "Expected Revenue"),
    kinds={
        "opportunities": {
            "external_id": ("id", "External ID"), "name": ("Opportunity", "name"), "partner_name": ("Customer", "Company Name", "partner_id", "partner_name"),
            "partner_external_id": ("partner_id/id",), "contact_name": ("Contact Name", "contact_name"), "contact_email": ("Email", "email_from"),
            "contact_phone": ("Phone", "phone"), "owner_name": ("Salesperson", "user_id"), "potential": ("Expected Revenue", "expected_revenue"),
            "percentage": ("Probability", "probability"), "stage": ("Stage", "stage_id", "stage_id/id"),
            "predicted_close_on": ("Expected Closing", "date_deadline"), "reason_words": ("Lost Reason",), "opened_on": ("Created on", "create_date"),
        },
        "partners": {
            "external_id": ("ID", "id"), "name": ("Name", "Display Name"), "phone": ("Phone",), "phone2": ("Mobile",), "email": ("Email",), "website": ("Website",),
            "street": ("Street",), "city": ("City",), "region": ("State",), "postcode": ("ZIP",), "country": ("Country",), "tax_id": ("Tax ID", "vat"),
            "owner_name": ("Salesperson",),
        },
    },
)  # fmt: skip

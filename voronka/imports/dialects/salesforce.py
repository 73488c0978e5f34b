"""Salesforce: the weekly export and Data Loader with API names, reports with labels."""

from voronka.imports.dialects import Dialect

DIALECT = Dialect(
    slug="salesforce",
    title="Salesforce",
    signs=("StageName", "CloseDate", "IsDeleted", "IsWon", "IsClosed", "ForecastCategoryName", "LeadSource", "AccountId", "OwnerId", "Opportunity Owner",
           "Fiscal Period", "Forecast Category", "Owner Role", "Mailing State/Province", "Mailing Zip/Postal Code", "Billing Zip/Postal Code",
           "Billing State/Province", "SIC Code", "Ticker Symbol", "Email Opt Out", "ConvertedAccountId", "BillingStreet", "MailingStreet", "NumberOfEmployees",
           "ActivityDate", "WhatId", "WhoId", "TaskSubtype"),
    decides={"OpportunityId": "stages", "ActivityDate": "activities"},
    kinds={
        "activities": {
            "external_id": ("Id",), "kind": ("TaskSubtype", "Type"), "title": ("Subject",), "happened_at": ("ActivityDate",), "status": ("Status",),
            "text": ("Description",), "opportunity_id": ("WhatId",), "partner_external_id": ("AccountId",), "partner_name": ("Account.Name", "Account Name"),
        },
        "stages": {
            "opportunity_id": ("OpportunityId",), "stage": ("StageName", "Stage"), "since": ("CreatedDate", "Created Date"), "potential": ("Amount",),
            "percentage": ("Probability",),
        },
        "opportunities": {
            "external_id": ("Id", "Opportunity ID"), "name": ("Name", "Opportunity Name"), "stage": ("StageName", "Stage"), "potential": ("Amount",),
            "percentage": ("Probability", "Probability (%)"), "closed_on": ("CloseDate", "Close Date"), "opened_on": ("CreatedDate", "Created Date"),
            "source": ("LeadSource", "Lead Source"), "owner_name": ("Opportunity Owner", "Owner"), "partner_name": ("Account Name", "Account.Name"),
            "partner_external_id": ("AccountId", "Account ID"), "remarks": ("Description", "NextStep", "Next Step"),
        },
        "contacts": {
            "first_name": ("FirstName", "First Name"), "last_name": ("LastName", "Last Name"), "position": ("Title",), "phone": ("Phone", "MobilePhone", "Mobile"),
            "email": ("Email",), "partner_name": ("Account Name", "Company"), "partner_external_id": ("AccountId",), "street": ("MailingStreet", "Mailing Street"),
            "city": ("MailingCity", "Mailing City"), "region": ("MailingState", "Mailing State/Province"),
            "postcode": ("MailingPostalCode", "Mailing Zip/Postal Code"), "country": ("MailingCountry", "Mailing Country"), "partner_source": ("LeadSource",),
        },
        "partners": {
            "external_id": ("Id", "Account ID"), "name": ("Name", "Account Name", "Company"), "phone": ("Phone",), "website": ("Website",), "industry": ("Industry",),
            "source": ("AccountSource", "LeadSource", "Lead Source"), "annual_revenue": ("AnnualRevenue", "Annual Revenue"),
            "employees": ("NumberOfEmployees", "Employees"), "street": ("BillingStreet", "Billing Street"), "city": ("BillingCity", "Billing City"),
            "region": ("BillingState", "Billing State/Province"), "postcode": ("BillingPostalCode", "Billing Zip/Postal Code"),
            "country": ("BillingCountry", "Billing Country"), "owner_name": ("Account Owner", "Lead Owner"), "remarks": ("Description",),
            "contact_first_name": ("FirstName", "First Name"), "contact_last_name": ("LastName", "Last Name"), "contact_position": ("Title",), "email": ("Email",),
        },
    },
)  # fmt: skip

"""SAP Business One: data-transfer templates (names, then a row of comments) and Service Layer names."""

from collections.abc import Sequence

from voronka.imports.dialects import Dialect

# The second row of a data-transfer template: the names of the columns in the database, or their descriptions.
_COMMENTS = {
    "cardcode",
    "cardname",
    "cardtype",
    "parentkey",
    "linenum",
    "opprid",
    "bp code",
    "bp name",
    "name",
    "recordkey",
    "cntctcode",
    "address",
    "opportunityid",
    "bankcode",
}


def _is_comment(row: Sequence[str]) -> bool:
    """A row of the table's own column names: none of its cells holds a value of a record."""
    cells = [cell.strip().lower() for cell in row if cell.strip()]
    return (
        len(cells) > 1
        and cells[0] in _COMMENTS
        and not any(any(sign.isdigit() for sign in cell) and " " in cell for cell in cells)
    )


DIALECT = Dialect(
    slug="sap-b1",
    title="SAP Business One",
    is_comment=_is_comment,
    signs=("CardCode", "CardName", "CardType", "FederalTaxID", "LicTradNum", "ParentKey", "LineNum", "SequentialNo", "OpprId", "OpportunityName", "MaxLocalTotal",
           "MaxSumLoc", "ClosingPercentage", "CloPrcnt", "PredictedClosingDate", "PredDate", "StartDate", "SalesPerson", "SlpCode", "EmailAddress", "E_Mail",
           "Phone1", "InternalCode", "AddressName", "AddressType", "CntctPrsn", "E_MailL", "GroupCode", "BuildingFloorRoom", "BICSwiftCode", "AccountNo", "StageKey",
           "Competition", "CompetId", "ThreatLevel", "ThreatLevl", "InterestId", "PrimaryInterest", "Reason", "PercentageRate", "AddrType", "ContactDate", "ContactPersonCode",
           "RelationshipCode"),
    kinds={
        "partners": {
            "external_id": ("CardCode",), "name": ("CardName",), "full_name": ("CardForeignName", "CardFName"), "kind": ("CardType",), "group_name": ("GroupCode",),
            "tax_id": ("FederalTaxID", "LicTradNum"), "phone": ("Phone1",), "phone2": ("Phone2",), "email": ("EmailAddress", "E_Mail"),
            "website": ("Website", "IntrntSite"),
            "remarks": ("Notes", "FreeText", "Free_Text"), "owner_name": ("SalesPersonCode", "SlpCode"), "industry": ("Industry", "IndustryC"),
            "territory": ("Territory",), "contact_name": ("ContactPerson", "CntctPrsn"), "street": ("Address", "Street"), "city": ("City",),
            "postcode": ("ZipCode",), "country": ("Country",), "region": ("County", "State1"),
        },
        "contacts": {
            "partner_external_id": ("ParentKey", "CardCode"), "name": ("Name",), "first_name": ("FirstName",), "middle_name": ("MiddleName",),
            "last_name": ("LastName",), "position": ("Position", "Title"), "phone": ("Phone1", "MobilePhone", "Tel1", "Cellolar"), "email": ("E_Mail", "E_MailL"),
            "remarks": ("Remarks1", "Notes1"),
        },
        "addresses": {
            "partner_external_id": ("ParentKey", "CardCode", "BPCode"), "address_kind": ("AddressType", "AdresType"), "street": ("Street", "StreetNo"),
            "city": ("City",), "postcode": ("ZipCode",), "region": ("State", "County", "Block"), "country": ("Country",),
        },
        "accounts": {
            "partner_external_id": ("ParentKey", "CardCode", "BPCode"), "bank_account": ("AccountNo", "IBAN", "Account"), "bank_bic": ("BIK", "BICSwiftCode", "BankCode"),
            "bank_name": ("AccountName", "Branch"), "bank_correspondent": ("CorrespondentAccount",),
        },
        "stages": {
            "opportunity_id": ("ParentKey", "OpprId", "SequentialNo"), "stage": ("StageKey", "Step_Id"), "since": ("StartDate", "OpenDate"),
            "percentage": ("PercentageRate", "ClosePrcnt"), "potential": ("MaxLocalTotal", "MaxSumLoc"),
        },
        "competitors": {
            "opportunity_id": ("ParentKey", "OpprId", "SequentialNo"), "competitor": ("Competition", "CompetId"), "threat": ("ThreatLevel", "ThreatLevl"),
            "details": ("Details", "Memo"), "won": ("WonOrLost", "Won"),
        },
        "interests": {"opportunity_id": ("ParentKey", "OpprId", "SequentialNo"), "interest": ("InterestId",), "is_primary": ("PrimaryInterest", "Prmary")},
        "reasons": {"opportunity_id": ("ParentKey", "OpprId", "SequentialNo"), "reason_name": ("Reason",)},
        "deal-partners": {
            "opportunity_id": ("ParentKey", "OpprId", "SequentialNo"), "partner_name": ("Partners",), "partner_external_id": ("RelatedBP", "CardCode"),
            "relationship": ("RelationshipCode", "RelationshipDescription"), "details": ("Details", "Memo"),
        },
        "activities": {
            "external_id": ("ActivityCode", "ClgCode"), "partner_external_id": ("CardCode",), "kind": ("Activity", "Action"), "title": ("Details",),
            "text": ("Notes",), "happened_at": ("ContactDate", "Recontact", "StartDate"), "status": ("Closed",), "location": ("Location",),
            "owner_name": ("HandledBy", "SalesEmployee"),
        },
        "opportunities": {
            "external_id": ("SequentialNo", "OpprId"), "name": ("OpportunityName", "Name"), "partner_external_id": ("CardCode",),
            "partner_name": ("CustomerName", "CardName"), "owner_name": ("SalesPerson", "SlpCode"), "contact_name": ("ContactPerson", "CprCode"),
            "opened_on": ("StartDate", "OpenDate"), "closed_on": ("ClosingDate", "CloseDate"), "predicted_close_on": ("PredictedClosingDate", "PredDate"),
            "potential": ("MaxLocalTotal", "MaxSumLoc"), "percentage": ("ClosingPercentage", "CloPrcnt"), "stage": ("CurrentStageNo", "StepLast", "StageKey"),
            "status": ("Status",), "source": ("Source",), "industry": ("Industry",), "territory": ("Territory",), "remarks": ("Remarks", "Memo"),
            "reason_words": ("ReasonForClosing", "StatusRemarks", "StatusRem"),
        },
    },
    decides={"AddressType": "addresses", "AdresType": "addresses", "AccountNo": "accounts", "BICSwiftCode": "accounts", "PercentageRate": "stages", "ContactDate": "activities",
             "ActivityType": "activities", "Competition": "competitors", "CompetId": "competitors", "InterestId": "interests",
             "RelationshipCode": "deal-partners"},
    words={"status": {"o": "open", "w": "won", "l": "lost", "sos_open": "open", "sos_sold": "won", "sos_missed": "lost"}, "owner_name": {"-1": ""},
           "source": {"-1": ""}, "industry": {"-1": "", "0": ""}, "territory": {"-2": "", "-1": ""},
           "won": {"tyes": "yes", "tno": "no"}, "is_primary": {"tyes": "yes", "tno": "no"}},
)  # fmt: skip

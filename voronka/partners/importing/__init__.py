"""How files become partners, with contacts, addresses and bank accounts from the same row.

The rows of a file lie in a staging table {t}, one text column a field. Beside it stand narrow tables that say what becomes of them:
{t}_partner and {t}_contact (row_no, id, is_new, is_first), {t}_people (name, id), {t}_main (row_no, action, reason, target_id). {p} and {c}
are the prefixes of partner's and contact's columns in the kind at hand. What was made and changed is noted in imports_importedrecords,
to be taken back.
"""

from voronka.core.registry import import_targets
from voronka.partners.importing.fields import ADDRESS, CONTACT, OWNER, PARTNER, REASONS, Field, prefixed
from voronka.partners.importing.records import AccountTarget, AddressTarget, ContactTarget, PartnerTarget
from voronka.partners.importing.target import Target, has, model_of, noted
from voronka.partners.importing.values import put_contact_right

for target in (PartnerTarget(), ContactTarget(), AddressTarget(), AccountTarget()):
    import_targets.add(target.slug, target)

__all__ = [
    "ADDRESS",
    "CONTACT",
    "OWNER",
    "PARTNER",
    "REASONS",
    "Field",
    "Target",
    "has",
    "model_of",
    "noted",
    "prefixed",
    "put_contact_right",
]

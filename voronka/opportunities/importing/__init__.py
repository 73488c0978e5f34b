"""How files become opportunities and what hangs on them. See partners/importing for the tables every target works with."""

from voronka.core.registry import import_targets
from voronka.opportunities.importing.deals import OpportunityTarget
from voronka.opportunities.importing.hanging import CompetitorTarget, InterestTarget, ReasonTarget
from voronka.opportunities.importing.parts import DealContactTarget, DealPartnerTarget, ItemTarget
from voronka.opportunities.importing.stages import StageTarget

for target in (
    OpportunityTarget(),
    StageTarget(),
    CompetitorTarget(),
    InterestTarget(),
    ReasonTarget(),
    DealPartnerTarget(),
    ItemTarget(),
    DealContactTarget(),
):
    import_targets.add(target.slug, target)

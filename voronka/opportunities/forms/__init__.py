"""Forms and filters of opportunities, their pipelines and stages."""

from voronka.opportunities.forms.deal import ChangeForm, CloseForm, MoveForm, OpportunityForm, QuickForm
from voronka.opportunities.forms.fields import stages
from voronka.opportunities.forms.filters import BoardFilters, OpportunityFilters
from voronka.opportunities.forms.parts import ItemsForm, PeopleForm
from voronka.opportunities.forms.past import CorrectionForm
from voronka.opportunities.forms.setup import PeriodForm, PipelineForm, TargetForm

__all__ = [
    "BoardFilters",
    "ChangeForm",
    "CloseForm",
    "CorrectionForm",
    "ItemsForm",
    "MoveForm",
    "OpportunityFilters",
    "OpportunityForm",
    "PeopleForm",
    "PeriodForm",
    "PipelineForm",
    "QuickForm",
    "TargetForm",
    "stages",
]

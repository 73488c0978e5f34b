"""What hand-overs show on other pages."""

from django.utils.translation import gettext_lazy as _

from voronka.core.registry import Panel, panels

panels.add("hand-over", Panel("hand-over", "list:partners:list", _("Hand over"), "handover:create"))
panels.add("handovers", Panel("handovers", "partner", _("Hand-over"), "handover:of_partner", order=70))

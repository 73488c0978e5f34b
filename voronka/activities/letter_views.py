"""Pages of letters: writing and answering one, its HTML by itself, one's own mailbox, the templates."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from voronka.activities import actions, correspondence, letters
from voronka.activities import letter_forms as forms
from voronka.activities.models import Activity, Letter, LetterTemplate, Mailbox
from voronka.core import mail
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.pages import FormPage, number_of
from voronka.partners.models import Contact, Partner

CONTACTS_SHOWN: Final = 30
# A letter's own HTML: nothing is loaded, nothing runs, links open in a page of their own. Only our pages may frame it.
LETTER_ALONE: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


class LetterPage(FormPage):
    """Write to a partner, about a deal, or in answer to a letter."""

    model = Activity
    form = forms.LetterForm
    title_new = gettext_lazy("Letter")
    template = "activities/letter.html"
    back = "activities:list"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not request.user.is_authenticated:
            return
        self.answers: Any = None
        self.partner, self.deal, self.contact = self._about(**kwargs)
        if request.user.scope_for("activities.activity", "edit") == Scope.NONE:
            raise PermissionDenied

    def _about(self, partner: int = 0, opportunity: int = 0, activity: int = 0) -> tuple[Partner, Any, Any]:
        """(partner, deal, contact) through access."""
        user = self.request.user
        if partner:
            found = get_object_or_404(Partner.objects.visible_to(user), pk=partner)
            return found, None, self._main_contact(found)
        if opportunity:
            model: Any = Activity._meta.get_field("opportunity").related_model
            deals = model.objects.visible_to(user).select_related("partner", "contact")
            deal = get_object_or_404(deals, pk=opportunity)
            return deal.partner, deal, deal.contact or self._main_contact(deal.partner)
        rows = Letter.objects.visible_to(user).filter(activity__partner__isnull=False)
        self.answers = get_object_or_404(rows.select_related("activity__partner"), pk=activity)
        answered: Any = self.answers.activity
        return answered.partner, answered.opportunity, answered.contact

    def _main_contact(self, partner: Partner) -> Any:
        people = Contact.objects.visible_to(self.request.user).of(partner).filter(is_active=True).exclude(email="")
        return people.order_by("-is_default", "pk").first()

    def initial(self) -> dict[str, Any]:
        if self.answers is not None:
            return self._answering()
        asked = letters.small(self.request.GET.get("to", "")[:254])
        found = (
            asked or (self.contact.email if self.contact else "") or (self.partner.email if self._sees_partner else "")
        )
        return {"to": found}

    def _answering(self) -> dict[str, Any]:
        """To whom wrote, or again to whom we wrote; the subject once more, the words quoted."""
        letter: Letter = self.answers
        mine = correspondence.sender_of(self.request.user)[1].lower()
        ours = letter.activity.direction == Activity.Direction.OUT
        to = letter.to if ours else [letter.sender]
        cc = [one for one in [*([] if ours else letter.to), *letter.cc] if one not in (*to, mine)]
        quote = letters.quoted(letter.activity.text, correspondence.introduction(letter))
        subject = letters.answer_subject(letter.activity.title)[:200]
        return {"to": ", ".join(to), "cc": ", ".join(cc), "title": subject, "text": quote}

    @property
    def _sees_partner(self) -> bool:
        return Partner.objects.allows(self.request.user, "see", self.partner)

    def post(self, request: Request, **kwargs: Any) -> HttpResponse:
        return self.show(self._with_template()) if "apply" in request.POST else super().post(request, **kwargs)

    def _with_template(self) -> Any:
        """The form with the words of the chosen template; whom it is for stays."""
        typed = self.request.POST
        key = typed.get("template", "")
        chosen = LetterTemplate.objects.active().filter(pk=number_of(key)).first()
        given: dict[str, Any] = {name: typed.get(name, "") for name in ("to", "cc", "title", "text")}
        if chosen is not None:
            values = self._values()
            quote = self._answering()["text"] if self.answers is not None else ""
            given |= {"template": chosen.pk, "text": letters.filled(chosen.text, values) + quote}
            given |= {"title": letters.filled(chosen.title, values)} if chosen.title and not quote else {}
        return self.form(instance=Activity(), user=self.request.user, initial=given)

    def _values(self) -> dict[str, str]:
        contact = self.contact.name if self.contact else self.partner.name
        deal = str(self.deal) if self.deal else ""
        return {"contact": contact, "partner": self.partner.name, "deal": deal, "sender": self.request.user.name}

    def save(self, form: Any) -> Activity:
        written, wanted = form.save(commit=False), form.cleaned_data
        written.partner, written.opportunity = self.partner, self.deal
        written.contact = self._recipient(wanted["to"])
        files = self.request.FILES.getlist("files")
        return actions.write_letter(
            written, to=wanted["to"], cc=wanted["cc"], files=files, answers=self.answers, by=self.request.user
        )

    def _recipient(self, to: list[str]) -> Any:
        """The contact it is written to, by the address."""
        people = Contact.objects.visible_to(self.request.user).of(self.partner).filter(email__in=to)
        own = self.contact if self.contact and self.contact.email.lower() in to else None
        return own or people.first()

    def done(self, saved: Any) -> HttpResponse:
        messages.success(self.request, _("The letter is on its way."))
        return redirect(self._return_to())

    def _return_to(self) -> str:
        asked = self.request.POST.get("back") or self.request.GET.get("back") or ""
        if url_has_allowed_host_and_scheme(asked, {self.request.get_host()}):
            return asked
        place: Any = self.deal or (self.partner if self._sees_partner else None)
        return place.get_absolute_url() if place else reverse("activities:list")

    def context(self, form: Any) -> dict[str, Any]:
        user, shown = self.request.user, Contact.objects.visible_to(self.request.user).of(self.partner)
        people = [(one.name, one.email) for one in shown.filter(is_active=True).exclude(email="")[:CONTACTS_SHOWN]]
        if self.partner.email and self._sees_partner:
            people.append((self.partner.name, self.partner.email))
        return {
            "partner": self.partner, "deal": self.deal, "answers": self.answers, "people": people, "back": self._return_to(),
            "sender": correspondence.sender_of(user), "has_server": mail.is_set_up() or _has_own_server(user),
            "sees_partner": self._sees_partner, "has_templates": form.fields["template"].queryset.exists(),
        }  # fmt: skip


def _has_own_server(user: Any) -> bool:
    return Mailbox.objects.visible_to(user).filter(is_active=True).exclude(smtp_host="").exists()


@require_GET
@xframe_options_sameorigin
def letter_html(request: Request, activity: int) -> HttpResponse:
    """The letter's own HTML, cleaned when it came, in a page that may do nothing."""
    found = get_object_or_404(Letter.objects.visible_to(request.user).exclude(html=""), pk=activity)
    answer = render(request, "activities/letter_html.html", {"html": letters.clean_html(found.html)})
    answer["Content-Security-Policy"], answer["Referrer-Policy"] = LETTER_ALONE, "no-referrer"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def send_again(request: Request, activity: int) -> HttpResponse:
    """Try once more to send a letter that was given up."""
    found = get_object_or_404(Letter.objects.editable_by(request.user), pk=activity)
    try:
        actions.send_again(found, by=request.user)
        messages.success(request, _("The letter is on its way."))
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("activities:detail", pk=activity)


@sensitive_post_parameters("password")
def mailbox(request: Request) -> HttpResponse:
    """One's own mailbox: how it is, and how it is reached."""
    found = Mailbox.objects.editable_by(request.user).first()
    form = forms.MailboxForm(request.POST or None, instance=found, initial={"address": request.user.email, "login": request.user.email})  # fmt: skip
    if request.method == "POST" and form.is_valid() and _keep(form, request):
        messages.success(request, _("Saved. The mailbox is being looked into."))
        return redirect("activities:mailbox")
    # A form with errors has written into its instance: what stands above it is how things are.
    shown = Mailbox.objects.visible_to(request.user).first()
    return render(request, "activities/mailbox.html", {"form": form, "mailbox": shown, "title": _("My mailbox")}, status=422 if form.errors else 200)  # fmt: skip


def _keep(form: Any, request: Request) -> bool:
    try:
        actions.save_mailbox(form.save(commit=False), password=form.cleaned_data["password"], by=request.user)
    except RuleBroken as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return False
    return True


@require_POST
def look(request: Request) -> HttpResponse:
    """Look into one's mailbox now."""
    actions.look_now(get_object_or_404(Mailbox.objects.editable_by(request.user)), by=request.user)
    messages.success(request, _("The mailbox is being looked into."))
    return redirect("activities:mailbox")


@require_POST
def forget(request: Request) -> HttpResponse:
    """Disconnect one's mailbox; its password is gone."""
    actions.forget_mailbox(get_object_or_404(Mailbox.objects.editable_by(request.user)), by=request.user)
    messages.success(request, _("The mailbox is disconnected. The letters that came stay where they are."))
    return redirect("activities:mailbox")


@permission_required("core.configure", raise_exception=True)
@require_GET
def templates(request: Request) -> HttpResponse:
    """The company's templates of letters."""
    context = {"title": _("Letter templates"), "templates": LetterTemplate.objects.all()}
    return render(request, "activities/letter_templates.html", context)


@permission_required("core.configure", raise_exception=True)
def template_form(request: Request, template: int = 0) -> HttpResponse:
    """Add a template or change one."""
    found = get_object_or_404(LetterTemplate.objects.editable_by(request.user), pk=template) if template else None
    form = forms.LetterTemplateForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_template(form.save(commit=False), by=request.user)
            return redirect("activities:set_up_letter-templates")
        except RuleBroken as broken:
            form.add_error(broken.field, str(broken))
    crumbs = [("accounts:settings", _("Settings")), ("activities:set_up_letter-templates", _("Letter templates"))]
    context = {"form": form, "title": found or _("New template"), "crumbs": crumbs}
    return render(request, "accounts/form_page.html", context, status=422 if form.errors else 200)

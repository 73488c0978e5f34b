"""Pages of the set-up of currencies and their rates."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.models import Company
from voronka.products import actions, forms
from voronka.products.models import Currency, Rate

RATES_SHOWN = 120
configures = permission_required("core.configure", raise_exception=True)


@configures
def currencies(request: Request) -> HttpResponse:
    rows = Currency.objects.visible_to(request.user).with_last_rate()
    context = {
        "currencies": rows,
        "title": _("Currencies"),
        "form": forms.RatesFileForm(),
        "own": Company.current().currency,
    }
    return render(request, "products/currencies.html", context)


@configures
def currency_form(request: Request, currency_pk: int | None = None) -> HttpResponse:
    found = get_object_or_404(Currency.objects.editable_by(request.user), pk=currency_pk) if currency_pk else Currency()
    title = found.code if currency_pk else _("New currency")
    form = forms.CurrencyForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_currency(form.save(commit=False), by=request.user)
        except RuleBroken as broken:
            form.add_error(broken.field, str(broken))
        else:
            return redirect("products:currency", saved.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "products/currency_form.html", {"form": form, "title": title}, status=status)


@configures
def currency(request: Request, currency_pk: int) -> HttpResponse:
    """A currency with its latest rates; POST writes one day's."""
    found = get_object_or_404(Currency.objects.editable_by(request.user), pk=currency_pk)
    form = forms.RateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = (form.cleaned_data["day"], form.cleaned_data["rate"])
        actions.set_rates(found, [given], by=request.user)
        messages.success(request, _("Saved. Amounts in %(currency)s are being valued anew.") % {"currency": found})
        return redirect(found)
    rates = Rate.objects.visible_to(request.user).filter(currency=found)[:RATES_SHOWN]
    context = {
        "currency": found,
        "rates": rates,
        "form": form,
        "title": f"{found.code}, {found.name}",
        "own": Company.current().currency,
    }
    return render(request, "products/currency.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@configures
def delete_rate(request: Request, currency_pk: int, rate_pk: int) -> HttpResponse:
    rows = Rate.objects.editable_by(request.user).select_related("currency")
    rate = get_object_or_404(rows, pk=rate_pk, currency_id=currency_pk)
    actions.delete_rate(rate, by=request.user)
    return redirect(rate.currency)


@require_POST
@configures
def rates_file(request: Request) -> HttpResponse:
    """Rates from a file; a refused one says why on the page it came from."""
    form = forms.RatesFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            count = actions.bring_rates(form.cleaned_data["file"], by=request.user)
        except RuleBroken as broken:
            form.add_error("file", str(broken))
        else:
            words = ngettext("%(count)s rate was read.", "%(count)s rates were read.", count)
            messages.success(request, words % {"count": count})
            return redirect("products:currencies")
    rows = Currency.objects.visible_to(request.user).with_last_rate()
    context = {"currencies": rows, "title": _("Currencies"), "form": form, "own": Company.current().currency}
    return render(request, "products/currencies.html", context, status=422)

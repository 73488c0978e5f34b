"""Templates compiled once per language: what depends on the language alone stands in them as text.

A card translates thirty words, draws a dozen icons and looks up the addresses of a dozen pages, each time with the same result. The loader
lets Django compile a template as always and then puts the text of such nodes in their place. What is left, values and conditions, is looked
up by shorter ways that fall back on Django's for everything unusual. Nothing changes in how templates are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from typing import Any, Final

from django.conf import settings
from django.template import Context
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Template,
    TextNode,
    TokenType,
    Variable,
    VariableDoesNotExist,
    VariableNode,
    render_value_in_context,
)
from django.template.defaulttags import CommentNode, IfNode, LoadNode, TemplateLiteral, URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import IncludeNode
from django.template.loaders import cached
from django.template.smartif import TokenBase
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from voronka.core.addresses import address_of

# Tags of ours that answer the same for the same words.
STEADY_TAGS: Final = ("icon",)


class Loader(cached.Loader):
    """Keeps each template once per language, folded."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{get_language()}:{super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        is_kept = self.cache_key(template_name, skip) in self.get_template_cache
        template = super().get_template(template_name, skip)
        if not is_kept:
            for nodes in _nodelists(template):
                _fold(nodes, template)
        return template


def _nodelists(template: Any) -> Iterator[NodeList]:
    """The template's nodes, and those of the parts that are rendered by their own name."""
    yield template.nodelist
    for part in template.extra_data.get("partials", {}).values():
        yield part.nodelist


def _fold(nodes: NodeList, template: Template) -> None:
    """Put text in the place of steady nodes, in this list and in all below it; neighbouring texts become one."""
    folded: list[Node] = []
    for node in nodes:
        for below in _below(node):
            _fold(below, template)
        _shorten(vars(node).values())
        node = _folded(node, template)
        if isinstance(node, TextNode) and not node.s:
            continue
        if isinstance(node, TextNode) and folded and isinstance(folded[-1], TextNode):
            folded[-1] = TextNode(folded[-1].s + node.s)
        else:
            folded.append(node)
    nodes[:] = folded


def _below(node: Any) -> Iterator[NodeList]:
    if isinstance(node, IfNode):
        yield from (nodes for _condition, nodes in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        if nodes := getattr(node, name, None):
            yield nodes


def _folded(node: Any, template: Template) -> Node:
    """The node, or the text or the quicker node that says the same."""
    if _is_steady(node):
        return TextNode(_text(node, template))
    match node:
        case URLNode(asvar=None, args=[_, *_]) if not node.kwargs:
            return _AddressOf(node)
        case VariableNode():
            return _Said(node.filter_expression)
        case IncludeNode(isolated_context=False) if _are_words([node.template]):
            return _Included(node, template)
    return node


class _AddressOf(Node):
    """The address of a record by its key, and plain words beside it: what Django finds for one key is the pattern for all."""

    child_nodelists = ()

    def __init__(self, node: URLNode) -> None:
        self.node, self.name, self.arguments = node, node.view_name, node.args

    def render(self, context: Context) -> str:
        key, place, words = -1, 0, []
        for number, argument in enumerate(self.arguments):
            value = argument.resolve(context)
            if type(value) is int and key < 0:
                key, place = value, number
            elif isinstance(value, str) and value.isidentifier():
                words.append(str(value))
            else:
                return self.node.render(context)
        return self.node.render(context) if key < 0 else address_of(self.name.resolve(context), key, (*words,), place)

    render_annotated = render


class _Said(Node):
    """A value in the text of a page: as Django says it, without asking of text whether it is a number or a moment."""

    child_nodelists = ()

    def __init__(self, expression: FilterExpression) -> None:
        self.expression = expression

    def render(self, context: Context) -> str:
        value: Any = self.expression.resolve(context)
        if not context.autoescape:
            return render_value_in_context(value, context)
        if isinstance(value, Promise):
            value = str(value)
        if type(value) is str:
            return escape(value) if _MARKUP.search(value) else value
        if type(value) is int and not _ARE_GROUPED:
            return str(value)
        return value if type(value) is SafeString else render_value_in_context(value, context)

    render_annotated = render


_MARKUP: Final = re.compile("[&<>\"']")
_ARE_GROUPED: Final = settings.USE_THOUSAND_SEPARATOR


@cache
def _is_called(kind: type[Any]) -> bool:
    """Whether a template calls what it finds of this kind."""
    return any("__call__" in vars(one) for one in kind.__mro__)


@cache
def _is_record(kind: type[Any]) -> bool:
    """Whether a template reaches what hangs on things of this kind by their attributes alone."""
    return not hasattr(kind, "__getitem__") and not _is_called(kind)  # type: ignore[arg-type]


class _Variable(Variable):
    """The keys of dictionaries and attributes of records that lead to a value; all else is left to Django."""

    __slots__ = ()

    def resolve(self, context: Any) -> Any:
        names = self.lookups or ()  # never empty: `_shorten` takes care
        first = names[0]
        for level in reversed(context.dicts):
            if first in level:
                value = level[first]
                break
        else:
            return super().resolve(context)
        kind: Any
        for name in names[1:]:
            kind = type(value)
            try:
                if kind is dict:
                    value = value[name]
                elif _is_record(kind):
                    value = getattr(value, name)
                else:
                    return super().resolve(context)
            except (AttributeError, KeyError, TypeError):
                return super().resolve(context)
        kind = type(value)
        return super().resolve(context) if _is_called(kind) else value


class _Bare(FilterExpression):
    """A variable without filters: nothing happens to its value on the way."""

    __slots__ = ()

    def resolve(self, context: Any, ignore_failures: bool = False) -> Any:
        try:
            return self.var.resolve(context)
        except VariableDoesNotExist:
            return super().resolve(context, ignore_failures)


def _shorten(values: Iterable[Any]) -> None:
    """Let the variables among a node's own values, in its lists and conditions too, take the short way."""
    for value in values:
        match value:
            case FilterExpression():
                _shorten(
                    [
                        value.var,
                        [argument for _filter, arguments in value.filters for _looked_up, argument in arguments],
                    ]
                )
                if not value.filters and type(value.var) is _Variable:
                    value.__class__ = _Bare
            case Variable(translate=False) if type(value) is Variable and value.lookups is not None:
                value.__class__ = _Variable  # the same object with another way of looking: many nodes may hold it
            case TemplateLiteral():
                _shorten([value.value])
            case TokenBase():
                _shorten([value.first, value.second])
            case list() | tuple() if not isinstance(value, NodeList):
                _shorten(value)
            case dict():
                _shorten(value.values())


class _Included(Node):
    """A template included by its name, found once."""

    child_nodelists = ()

    def __init__(self, node: IncludeNode, template: Template) -> None:
        self.name, self.values, self.engine = str(node.template.var), node.extra_context, template.engine
        self.found: Template | None = None

    def render(self, context: Context) -> str:
        if self.found is None:  # now and not when it was folded: a template may include itself
            self.found = self.engine.get_template(self.name)
        values = {name: value.resolve(context) for name, value in self.values.items()}
        with context.push(**values):
            return self.found.render(context)

    render_annotated = render


def _is_steady(node: Any) -> bool:
    """Whether the node says the same on every page of one language: no variable in it, nothing set for later nodes."""
    match node:
        case TranslateNode():
            return not node.asvar and _are_words([node.filter_expression, node.message_context])
        case BlockTranslateNode():
            tokens = [*node.singular, *(node.plural or [])]
            plain = all(token.token_type == TokenType.TEXT for token in tokens)
            return plain and not (node.asvar or node.counter or node.extra_context or node.message_context)
        case URLNode():
            return not node.asvar and _are_words([node.view_name, *node.args, *node.kwargs.values()])
        case LoadNode() | CommentNode():
            return True
        case StaticNode():
            return node.varname is None and _are_words([node.path])
        case SimpleNode():
            steady = node.func.__name__ in STEADY_TAGS and node.target_var is None
            return steady and _are_words([*node.args, *node.kwargs.values()])
    return False


def _are_words(values: Iterable[FilterExpression | None]) -> bool:
    """Whether these are words in quotes, without filters."""
    return all(value is None or (not value.filters and _is_word(value.var)) for value in values)


def _is_word(value: Any) -> bool:
    return value.literal is not None if isinstance(value, Variable) else isinstance(value, str)


def _text(node: Node, template: Template) -> str:
    context = Context()
    with context.bind_template(template):
        return str(node.render(context))

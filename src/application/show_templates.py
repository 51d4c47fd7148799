"""List the prompt templates, or show what one of them sends."""

from application.rulebook import Rulebook
from domain.prompts import PromptTemplate


def template_list(rules: Rulebook) -> str:
    if not rules.prompts.templates:
        return rules.wording.no_templates
    lines = [rules.wording.template_line.format(title=one.title) for one in rules.prompts.templates]
    return rules.wording.templates.format(titles="\n".join(lines))


def shown_template(template: PromptTemplate, rules: Rulebook) -> str:
    prompt = template.around(rules.wording.template_words)
    return rules.wording.template_shown.format(title=template.title, prompt=prompt)

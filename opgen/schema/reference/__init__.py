"""Reference pages of kinds, as Markdown and as HTML, made from CRD documents.

A CRD is read into a page of plain records first (`page`): versions, types and fields, with the
names that the importer would give to the types. The two writers know nothing of schemas.

Start reading at `opgen.schema.reference.page`.
"""

from opgen.schema.reference.html import html, html_index
from opgen.schema.reference.markdown import markdown, markdown_index
from opgen.schema.reference.page import Page, page

__all__ = ["Page", "html", "html_index", "markdown", "markdown_index", "page"]

"""Makers of documents for tests: small files of every type that is read, and the worst that people may upload."""

from tests.documents.hostile import (
    billion_laughs_docx,
    deep_html,
    deep_json,
    docx_bomb,
    encrypted_office,
    encrypted_pdf,
    lying_zip,
    scanned_pdf,
    truncated_pdf,
    xlsx_bomb,
)
from tests.documents.plain import csv, html, markdown

from tests.documents.office import docx, pptx, xlsx
from tests.documents.pdf import pdf

__all__ = [
    "billion_laughs_docx",
    "csv",
    "deep_html",
    "deep_json",
    "docx",
    "docx_bomb",
    "encrypted_office",
    "encrypted_pdf",
    "html",
    "lying_zip",
    "markdown",
    "pdf",
    "pptx",
    "scanned_pdf",
    "truncated_pdf",
    "xlsx",
    "xlsx_bomb",
]

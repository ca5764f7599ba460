"""Makers of documents for tests: small files of the types that are read, and the worst that people may upload."""

from documents.hostile import (
    billion_laughs_docx,
    deep_docx,
    deep_html,
    deep_json,
    docx_bomb,
    encrypted_office,
    encrypted_pdf,
    endless_html,
    greedy_html,
    lying_zip,
    misnamed_docx_bomb,
    one_sheet_xlsx,
    repeating_xlsx,
    scanned_pdf,
    truncated_pdf,
    xlsx_bomb,
)
from documents.office import docx, pptx, xlsx
from documents.pdf import pdf
from documents.plain import csv, html, markdown

__all__ = [
    "billion_laughs_docx",
    "csv",
    "deep_docx",
    "deep_html",
    "deep_json",
    "docx",
    "docx_bomb",
    "encrypted_office",
    "encrypted_pdf",
    "endless_html",
    "greedy_html",
    "html",
    "lying_zip",
    "markdown",
    "misnamed_docx_bomb",
    "one_sheet_xlsx",
    "pdf",
    "pptx",
    "repeating_xlsx",
    "scanned_pdf",
    "truncated_pdf",
    "xlsx",
    "xlsx_bomb",
]

"""Mails that carry a report: as their own text, or attached."""

from email.message import EmailMessage

import pytest

from pipelines.errors import DocumentError
from pipelines.read import read_document
from schemas.vocabulary import FileFormat

TABLE = "<table><tr><td>规章</td><td>{}</td></tr></table>"


def mail(text: str, *attached: str, page: str = "") -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = "年报", "a@example.com"
    message.set_content(text, charset="utf-8", cte="base64")
    if page:
        message.add_alternative(page, subtype="html")
    for number, content in enumerate(attached):
        message.add_attachment(content.encode(), maintype="application", subtype="msword", filename=f"{number}.doc")
    return bytes(message)


@pytest.mark.parametrize(
    "data",
    [
        mail("信息内容\t制发\n规章\t3\n规范性文件\t1\n"),
        mail("请查收附件。", TABLE.format(3)),
        mail("请查收附件。", TABLE.format(3), "<p>说明</p>", page="<html><p>请查收附件。</p></html>"),
    ],
)
def test_the_one_document_with_figures_is_read(data):
    document = read_document("a.eml", data)
    assert document.format is FileFormat.MHTML
    assert "3" in [text for *_, text in document.tables[0]]


def test_two_documents_with_figures_are_refused():
    with pytest.raises(DocumentError) as caught:
        read_document("a.eml", mail("请查收附件。", TABLE.format(3), TABLE.format(4)))
    assert caught.value.reason_code == "several_reports"

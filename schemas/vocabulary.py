"""Closed lists of the codes that frames and warehouse tables carry.

A value outside its list is an error that Pandera reports; no stage may invent one.
"""

from enum import StrEnum

FIRST_YEAR = 2008
"""The first report year: the Regulations on Open Government Information took effect on 1 May 2008."""


class ValueStatus(StrEnum):
    """What stood in a cell: a blank, a zero and a slash are three different things."""

    REPORTED = "reported"
    BLANK = "blank"
    NOT_APPLICABLE = "not_applicable"
    ILLEGIBLE = "illegible"


class FileStatus(StrEnum):
    """The one state in which every raw file ends."""

    LOADED = "loaded"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class Stage(StrEnum):
    """The stages, in the order in which the data passes them."""

    INGEST = "ingest"
    READ = "read"
    NORMALIZE = "normalize"
    CHECK = "check"
    LOAD = "load"


class Severity(StrEnum):
    """How much a finding or a rule matters: an error makes a figure doubtful, a warning deserves a look."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"


class RuleStatus(StrEnum):
    """The outcome of one rule for one report and scope."""

    PASS = "pass"
    FAIL = "fail"
    NOT_ASSESSABLE = "not_assessable"


class ReviewVerdict(StrEnum):
    """What a person decides of a cell or of a broken rule.

    `source_error`: the agency printed a wrong figure, the right one is not known. `our_error`: the document was
    misread, which is ours to mend, so the case stays open. `accepted`: the figure is right as printed. `corrected`: the
    right value is known, and where it was read.
    """

    SOURCE_ERROR = "source_error"
    OUR_ERROR = "our_error"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"


class TableCode(StrEnum):
    """The statistic tables of a report."""

    PROACTIVE = "proactive"
    REQUEST = "request"
    CHALLENGE = "challenge"
    LEGACY = "legacy"


class Comparability(StrEnum):
    """How the figure of an older or newer form stands to a harmonised measure.

    `same`: it is that figure. `sum_of`: the measure is just the sum of the cells. `redefined`: the nearest figure there
    is, counted by another rule. `none`: the forms of that generation have nothing of the kind.
    """

    SAME = "same"
    SUM_OF = "sum_of"
    REDEFINED = "redefined"
    NONE = "none"


class MatchMethod(StrEnum):
    """How a printed row found its code.

    `exact`: the folded label is a known variant. `similar`: aligned by likeness of the label, with its neighbours as
    context (`match_score` says how alike). `order`: the row has no label of its own and its place between two matched
    rows leaves one code. `proved`: several readings were possible and the form's identities hold for one only.
    """

    EXACT = "exact"
    SIMILAR = "similar"
    ORDER = "order"
    PROVED = "proved"


class BlockKind(StrEnum):
    """What a piece of a document is, in reading order."""

    TITLE = "title"
    METADATA = "metadata"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TABLE = "table"


class EvidenceSubject(StrEnum):
    """What a piece of evidence is about."""

    AGENCY = "agency"
    YEAR = "year"


class EvidenceSource(StrEnum):
    """Where in a document, or about it, a piece of evidence on agency or year stands.

    `opening` is a sentence that says who made the report, `contact` one that says whom to ask, `subject` the name in
    which an unsigned text speaks; `source` is the site's own line (来源); `site_code` the identification code of the
    government site, `site_domain` its address, `police_filing` and `icp_filing` its numbers with police and ministry;
    `review` a person's decision; `map` a candidate that the map or the list of townships gives.
    """

    TITLE = "title"
    LINE_BEFORE_TITLE = "line_before_title"
    SIGNATURE = "signature"
    OPENING = "opening"
    CONTACT = "contact"
    SUBJECT = "subject"
    FILE_NAME = "file_name"
    SITE = "site"
    METADATA = "metadata"
    SITE_CODE = "site_code"
    SITE_DOMAIN = "site_domain"
    FOLDER = "folder"
    SOURCE = "source"
    POLICE_FILING = "police_filing"
    ICP_FILING = "icp_filing"
    PERIOD = "period"
    SIGNED_DATE = "signed_date"
    REVIEW = "review"
    MAP = "map"


class EvidenceBearing(StrEnum):
    """What a piece of evidence does for the outcome.

    `decides`: the agency or year is taken from it. `agrees`: it says the same, or a region that contains it.
    `other_unit`: another body of the same region (the office that signs its government's report). `conflicts`: another
    region or year. `candidate`: one of several that the deciding name can mean. `silent`: it says nothing of it.
    """

    DECIDES = "decides"
    AGREES = "agrees"
    OTHER_UNIT = "other_unit"
    CONFLICTS = "conflicts"
    CANDIDATE = "candidate"
    SILENT = "silent"


class ResolutionOutcome(StrEnum):
    """How it ended: found by rule, decided by a person, in doubt and kept apart, or not found."""

    RESOLVED = "resolved"
    REVIEWED = "reviewed"
    AMBIGUOUS = "ambiguous"
    UNKNOWN_REGION = "unknown_region"
    HIJACKED = "hijacked"
    NONE = "none"


class FileFormat(StrEnum):
    """The container of a raw file, decided by its bytes and not by its name."""

    HTML = "html"
    TEXT = "text"
    DOCX = "docx"
    DOC = "doc"
    RTF = "rtf"
    ODT = "odt"
    WORD_XML = "word_xml"
    MHTML = "mhtml"
    PDF = "pdf"
    XLSX = "xlsx"
    XLS = "xls"
    OFD = "ofd"
    ZIP = "zip"
    IMAGE = "image"
    UNKNOWN = "unknown"


class FetchOutcome(StrEnum):
    """What one look at an address brought.

    `new`: bytes from an address that had none before. `changed`: other bytes than last time, kept beside the old ones.
    `gone`: the site says that there is nothing any more; what was kept stays. `failed`: neither bytes nor a clear no.
    """

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"
    FAILED = "failed"


class FetchRole(StrEnum):
    """What an address is to its source: the list, the page of one report, or a file attached to such a page."""

    LIST = "list"
    PAGE = "page"
    ATTACHMENT = "attachment"


class FetchReason(StrEnum):
    """Why an address could not be fetched."""

    ROBOTS_DISALLOWED = "robots_disallowed"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    UNSUPPORTED_ADDRESS = "unsupported_address"
    PRIVATE_ADDRESS = "private_address"
    UNRESOLVED_HOST = "unresolved_host"
    BROKEN_TLS = "broken_tls"
    NO_CONNECTION = "no_connection"
    TIMED_OUT = "timed_out"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    BROKEN_ENCODING = "broken_encoding"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    REFUSED = "refused"
    NOT_FOUND = "not_found"
    HOST_GIVEN_UP = "host_given_up"
    UNREADABLE_LIST = "unreadable_list"
    PAGING_LIMIT = "paging_limit"
    DAMAGED_RAW_FILE = "damaged_raw_file"


class PortalReader(StrEnum):
    """How a portal's list is written: HTML, XML with records of HTML, JSON, or no list but the report's own page."""

    HTML = "html"
    RECORDS = "records"
    JSON = "json"
    REPORT = "report"


class MeasureKind(StrEnum):
    """What a number of the views is: what adds up over what depends on it."""

    COUNT = "count"
    STOCK = "stock"
    AMOUNT = "amount"
    RATE = "rate"


class MeasurePart(StrEnum):
    """What a cell is to a measure or rate that is made of it."""

    VALUE = "value"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"


class ColumnKind(StrEnum):
    """What a column holds, and so what may be done with it.

    `quantity`: a figure with a unit, which alone may be added up. `ordinal`: a place in an order. `calendar`: a year,
    month or day as a number. `code`: one of a list. `identifier`: names one thing. The others say so themselves.
    """

    IDENTIFIER = "identifier"
    CODE = "code"
    TEXT = "text"
    FLAG = "flag"
    DATE = "date"
    TIME = "time"
    CALENDAR = "calendar"
    ORDINAL = "ordinal"
    QUANTITY = "quantity"


class KeyRole(StrEnum):
    """What a column is to keys: a part of its table's own, a way to another's, both, or neither."""

    PRIMARY = "primary"
    FOREIGN = "foreign"
    BOTH = "primary and foreign"
    NONE = "none"


class TableLayer(StrEnum):
    """What a table of the warehouse is for; a `view` holds no rows of its own."""

    DIMENSION = "dimension"
    FACT = "fact"
    EVIDENCE = "evidence"
    SUMMARY = "summary"
    META = "meta"
    VIEW = "view"


class ColumnType(StrEnum):
    """The types of the warehouse's columns, as DuckDB names them."""

    BIGINT = "BIGINT"
    INTEGER = "INTEGER"
    DOUBLE = "DOUBLE"
    BOOLEAN = "BOOLEAN"
    VARCHAR = "VARCHAR"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"


class LabelKind(StrEnum):
    """What a row or column of a form is: an additive figure, a flow of requests, a sum, one beside them, a heading."""

    LEAF = "leaf"
    FLOW = "flow"
    TOTAL = "total"
    MEMO = "memo"
    GROUP = "group"


class ValueKind(StrEnum):
    """What a cell of a form may hold: a whole number, a signed one, or money."""

    COUNT = "count"
    CHANGE = "change"
    AMOUNT = "amount"


class RowChange(StrEnum):
    """What became of a row between two releases; `changed`: the same key says something else."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class ChangeReason(StrEnum):
    """Why an agency's year says something else than in the release before.

    `new_file`, `corrected_file` (the same path, other bytes), `removed_file`, `other_version` (another of the same
    files stands): what became of its own files. Where nothing did, what else the release was made from:
    `changed_forms`, `changed_definitions` (rules, agencies, regions, tables), `changed_code`, `changed_decisions`.
    `other_reports`: nothing of these, so what other reports, or the season, say of it.
    """

    NEW_FILE = "new_file"
    CORRECTED_FILE = "corrected_file"
    REMOVED_FILE = "removed_file"
    OTHER_VERSION = "other_version"
    CHANGED_FORMS = "changed_forms"
    CHANGED_DEFINITIONS = "changed_definitions"
    CHANGED_CODE = "changed_code"
    CHANGED_DECISIONS = "changed_decisions"
    OTHER_REPORTS = "other_reports"

"""`gongkai export`: the warehouse, or a part of it, as an Excel workbook."""

from argparse import Namespace
from datetime import date

from pipelines.cli.terminal import make_console
from pipelines.cli.warehouse import open_warehouse, require_elsewhere
from pipelines.errors import UsageError
from pipelines.orchestrate.project import open_project


def run(options: Namespace) -> int:
    """Write the workbook and say what stands in it.

    Raises:
        UsageError: The filters name no year or leave no report, a sheet is too long, or the file cannot be written.
    """
    from pipelines.present.choice import Choice, choose_reports
    from pipelines.present.workbook import write_workbook

    if "undated" in (options.years or ()):
        raise UsageError("a report in the warehouse has a year; --years undated is for builds")
    years = [int(year) for year in options.years or ()]
    database = open_project(warehouse=options.warehouse).workspace.database
    require_elsewhere(options.xlsx, database)
    choice = Choice(options.region, options.agency, options.sector, years)
    with open_warehouse(database) as connection:
        count = choose_reports(connection, choice)
        if not count:
            raise UsageError("no report is left by these filters; `gongkai status` shows what there is")
        [(release,)] = connection.execute("SELECT release_id FROM meta_release WHERE is_current").fetchall()
        facts = {
            "数据版本 / Release": str(release),
            "导出日期 / Exported": date.today().isoformat(),
            "报告数 / Reports": f"{count:,}",
            "区域 / Region": options.region or "全部 / all",
            "机关 / Agency": options.agency or "全部 / all",
            "领域 / Sector": options.sector or "全部 / all",
            "年度 / Years": ", ".join(map(str, years)) or "全部 / all",
        }
        written = write_workbook(connection, options.xlsx, facts, with_details=not options.summary)
    console = make_console()
    console.print(f"{options.xlsx}: {count:,} reports", markup=False)
    for sheet in written:
        console.print(f"  {sheet.name}  {sheet.rows:,}", markup=False)
    return 0

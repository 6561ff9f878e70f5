"""What a run's own process says of Ctrl-C and of a refusal: a line on the console; of an error its stack."""

import subprocess
import sys

RUN = """
import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError
from pipelines.orchestrate import location

@dg.op
def fail():
    raise {error}("because")

@dg.job(executor_def=dg.in_process_executor)
def failing():
    fail()

failing.execute_in_process(raise_on_error=False)
"""


def run(error):
    told = subprocess.run([sys.executable, "-c", RUN.format(error=error)], capture_output=True, text=True, check=False)
    return told.stderr


def test_an_interrupt_is_told_without_its_stack_and_an_error_with_it():
    told = run("DagsterExecutionInterruptedError")
    assert 'Execution of step "fail" failed.' in told
    assert "Stack Trace" not in told
    told = run("dg.Failure")
    assert "Failure: because" in told
    assert "Stack Trace" not in told
    told = run("ValueError")
    assert "Stack Trace" in told
    assert "ValueError: because" in told

"""Every sin, graded once in a real VM on the kernels that see it."""

import os

import pytest

from grader import golden, setup, sins
from grader.catalog import KERNELS
from grader.house import House, here
from grader.sins import Outcome
from grader.trouble import CourseError

pytestmark = pytest.mark.vm
# Those that hide from a checker, on every kernel; of the others what can be seen.
CASES = [
    (kernel, sin.name)
    for kernel in KERNELS
    for sin in sins.load(here(), kernel)
    if sin.expected[kernel].seen or sin.name.startswith("hide_")
]


@pytest.fixture(scope="module")
def outcomes(real: House) -> dict[str, dict[str, Outcome]]:
    """Kernel to sin to what came of it, filled when a kernel is first asked for."""
    setup.build_engine(real)
    return {}


@pytest.mark.parametrize("kernel, name", CASES)
def test_a_sin_gets_the_verdict_that_it_deserves(
    real: House, outcomes: dict[str, dict[str, Outcome]], kernel: str, name: str
) -> None:
    if not (real.kernel(kernel) / "release").exists() and not os.environ.get("CI"):
        pytest.skip(f"no {kernel} kernel here; next: make debug-kernel KERNEL={kernel}")
    if kernel not in outcomes:
        wanted = {sin for on, sin in CASES if on == kernel}
        chosen = [sin for sin in sins.load(real, kernel) if sin.name in wanted]
        made = sins.commit_all(real, kernel, chosen)
        outcomes[kernel] = {one.sin.name: one for one in made}
    outcome = outcomes[kernel][name]
    assert outcome.wrong == ""
    told = golden.folder(real) / kernel / f"{name}.txt"
    if told.exists() and f"\n    {name}.c:" in told.read_text():
        assert outcome.verdict.message.startswith(f"{name}.c:"), "names no line"


@pytest.mark.parametrize(
    "head",
    ["", " * by: read\n", " * by: write\n * stock: oops\n", " * by: read\n * arm: x\n"],
)
def test_a_sin_without_a_proper_head_is_refused(head: str) -> None:
    with pytest.raises(CourseError, match="sins/x.c: its head needs"):
        sins.parse("x", f"/*\n{head} */".encode())

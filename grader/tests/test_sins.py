"""Every sin, graded once in a real VM on the first kernel that sees it; `make soak`
does so on all of them."""

import os

import pytest

from grader import golden, setup, sins
from grader.house import House, here
from grader.sins import Outcome
from grader.trouble import CourseError

# All in one process, since one run of all sins of a kernel serves all its tests.
pytestmark = [pytest.mark.vm, pytest.mark.xdist_group("sins")]


def cases() -> list[tuple[str, str]]:
    """Kernel and sin; what hides from a checker is tried on every kernel."""
    found = []
    for sin in sins.load(here()):
        seeing = [kernel for kernel, what in sin.expected.items() if what.seen]
        hides = sin.name.startswith("hide_")
        found += [(on, sin.name) for on in (sin.expected if hides else seeing[:1])]
    return sorted(found)


CASES = cases()


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

"""A course with secrets, and a copy of this one that a release can be made of."""

import shutil
import subprocess
from pathlib import Path

import pytest

from grader.house import House
from grader.release import canary, leaks, tree
from grader.release.leaks import Leaks

SOLUTION = """\
// SPDX-License-Identifier: GPL-2.0
static u64 secret_mix(u64 z)
{
#ifdef SOLUTION
	z ^= z >> 30;
	z *= 0xBF58476D1CE4E5B9ULL;
	z ^= z >> 27;
	z *= 0x94D049BB133111EBULL;
	z ^= z >> 31;
	if (!z)
		return -EAGAIN;
	return rotate(z, 17) + secret_of(&known[z % ARRAY_SIZE(known)]);
#else
	/* TODO 1: mix. The page says how, and what it is good for in the end. */
	(void)z;
	return 0; /* so that it compiles, and nothing more than that for now */
#endif
}
"""
NOTES = "# Notes\n\n" + " ".join(f"word{n} is why" for n in range(20)) + "\n"
HIDDEN = """\
load ../../lib/vm

# bats test_tags=points:0
@test "what nobody is told" {
	local a b c
	random_between a 3 9
	random_between b 30 90
	random_between c 300 900
	run -0 vm_sh "dd if=/dev/prng0 bs=$a count=$b skip=$c | cksum"
	assert_equal "$output" "$(expected_sum "$a" "$b" "$c")"
}
"""
MUTANT = """\
Killed-by: it loads

--- a/prng.c
+++ b/prng.c
@@ -3,9 +3,10 @@
 {
 	z ^= z >> 30;
-	z *= 0xBF58476D1CE4E5B9ULL;
+	z *= sum_of_all(z, first, second, third) - product_of(fourth, fifth);
+	z += another(sixth, seventh) | more(eighth, ninth) | last(tenth);
"""


@pytest.fixture
def secrets(course: House) -> House:
    """`course` with a solution, notes, a hidden test and a mutant, and the skeleton."""
    folder = course.solutions / "13-prng"
    for name, text in (
        ("prng.c", SOLUTION),
        ("NOTES.md", NOTES),
        ("tests/hidden.bats", HIDDEN),
        ("mutants/wrong.patch", MUTANT),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    canary.write(course)
    return course


@pytest.fixture
def known(secrets: House) -> Leaks:
    """What must not leak from `secrets`."""
    return leaks.load(secrets)


def git(folder: Path, *words: str) -> str:
    """What git says in `folder`, as somebody."""
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    command = ["git", *who, "-c", "commit.gpgsign=false", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(house: House, title: str) -> None:
    """Commits all that is there."""
    git(house.root, "add", "--all")
    git(house.root, "commit", "-q", "-m", title)


@pytest.fixture(scope="session")
def first_copy(real: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """This course, committed, with the solution of 13-prng only, to be quick."""
    root = tmp_path_factory.mktemp("copy")
    for path in tree.paths(real):
        if path.startswith("solutions/") and not path.startswith("solutions/13-prng/"):
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(real.root / path, root / path)
    git(root, "init", "-q", "--initial-branch=main")
    commit(House(root), "all")
    return House(root)


@pytest.fixture
def copy(first_copy: House, tmp_path: Path) -> House:
    """A copy of `first_copy` that a test may change."""
    root = tmp_path / "house"
    shutil.copytree(first_copy.root, root)
    return House(root)

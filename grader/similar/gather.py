"""The sources that are compared: of students, of earlier years, of the staff."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader import stage
from grader.catalog import Exercise
from grader.handin import base
from grader.handin.apply import Rejected, apply
from grader.handin.store import Store, Version, submissions
from grader.handin.version import latest
from grader.house import House, workers
from grader.similar import tester
from grader.similar.added import subtract
from grader.similar.pairs import EARLIER, REFERENCE, STUDENT, Piece, Source
from grader.trouble import CannotGrade, Trouble

Step = Callable[[], None]
OTHERS = "others"  # right solutions of the staff's, besides the one that is built


@dataclass(frozen=True)
class Gathered:
    """The pieces, students first, and why what is not among them is not."""

    pieces: list[Piece]
    left_out: list[str]


@dataclass(frozen=True)
class _Place:
    """A stored version, and whose class it is of."""

    folder: Path
    version: Version
    origin: str
    year: str


def years(earlier: Path | None, exercise: str) -> list[Path]:
    """The folders like submissions/ that `earlier` is or has in it."""
    if earlier is None:
        return []
    if not earlier.is_dir():
        raise Trouble(f"EARLIER={earlier}: no such folder", "one like submissions/")
    if (earlier / exercise).is_dir():
        return [earlier]
    found = sorted(x for x in earlier.iterdir() if (x / exercise).is_dir())
    if not found:
        raise Trouble(
            f"EARLIER={earlier}: nobody there has handed in {exercise}",
            f"it is a folder with {exercise}/STUDENT/vK/, or one of such folders",
        )
    return found


def places(house: House, exercise: Exercise, earlier: Path | None) -> list[_Place]:
    """The versions that count, of this class and then of earlier ones."""
    roots = [(submissions(house), STUDENT, "")]
    roots += [(x, EARLIER, x.name) for x in years(earlier, exercise.name)]
    found = []
    for root, origin, year in roots:
        versions = latest(Store(root), exercise.name)
        for student in sorted(versions):
            chosen = versions[student]
            found.append(_Place(root / chosen.folder, chosen, origin, year))
    return found


def gather(
    house: House, exercise: Exercise, wanted: Sequence[_Place], step: Step
) -> Gathered:
    """Applies every version, and makes a piece of what comes out."""
    sources: list[Source] = []
    left_out: list[str] = []

    def take(place: _Place) -> Source | str:
        version = place.version
        try:
            done = apply(house, exercise, place.folder / "series.mbox", version.patches)
        except (Rejected, CannotGrade) as error:
            why = str(error).split("\n")[0]
            return f"{version.student} {place.folder.name}: {why}"
        finally:
            step()
        files = tuple(done.hand_in.files.items())
        name = place.folder.name
        return Source(version.student, place.origin, files, name, place.year, done.base)

    with ThreadPoolExecutor(workers()) as pool:
        for taken in pool.map(take, wanted):
            if isinstance(taken, Source):
                sources.append(taken)
            else:
                left_out.append(taken)
    sources += references(house, exercise)
    return Gathered(pieces(house, exercise, sources), left_out)


def references(house: House, exercise: Exercise) -> list[Source]:
    """The staff's solutions: that which is built, and solutions/N/others/*.c, each of
    which stands for the exercise's first file."""
    folder = house.solutions / exercise.name
    if not folder.is_dir():
        return []
    files = tuple(stage.solution(house, exercise).files.items())
    found = [Source("the solution", REFERENCE, files)]
    for path in sorted((folder / OTHERS).glob("*.c")):
        content = ((exercise.files[0], stage.derive(path, True)),)
        found.append(Source(f"{OTHERS}/{path.name}", REFERENCE, content))
    return found


def pieces(house: House, exercise: Exercise, sources: Sequence[Source]) -> list[Piece]:
    """Formats all sources and takes the skeletons that the course ever had off."""
    given = base.skeletons(house, exercise)
    whole = [b"\n".join(content for _, content in one.files) for one in sources]
    skeletons = [b"\n".join(files.values()) for files in given]
    texts = tester.formatted(house, [*whole, *skeletons])
    less = texts[len(sources) :]
    return [
        Piece(source, subtract(text, [less[n] for n in {0, source.base}], less))
        for source, text in zip(sources, texts)
    ]

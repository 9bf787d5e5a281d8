"""`make handouts [N ...]`: the site, whole; the PDFs of all pages, or of those of N."""

import fcntl
import time

from grader.handouts import pages, paper, site
from grader.handouts.check import check
from grader.handouts.convert import convert_all
from grader.handouts.links import Site
from grader.house import House


def handouts(house: House, names: list[str]) -> int:
    """Makes what has changed; returns the exit status. Who comes second waits."""
    house.build.mkdir(exist_ok=True)
    with open(house.build / "handouts.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _make(house, names)


def _make(house: House, names: list[str]) -> int:
    """The site comes first, since it takes a moment and its readers need not wait
    for paper."""
    started = time.monotonic()
    every = Site(pages.load(house))
    chosen = pages.select(every.pages, names)
    check(house, every, every.pages)
    converted = convert_all(house, every)
    printed = [one for one in converted if one.page in chosen]
    there = [one for one in converted if paper.made(house, one).is_file()]
    wanted = {one.page.place for one in (*printed, *there)}
    written = site.write(house, every, converted, wanted)
    index = house.relative(site.folder(house) / "index.html")
    seconds = time.monotonic() - started
    print(f"{index}: {len(every.pages)} pages, {written} files new; {seconds:.1f} s")
    started = time.monotonic()
    new = sum(one not in there for one in printed)
    paper.write(house, [one for one in converted if one.page.place in wanted])
    print(f"PDF: {len(printed)}, {new} of them new; {time.monotonic() - started:.1f} s")
    return 0

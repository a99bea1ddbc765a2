"""Several drills: what does not touch each other side by side, recoveries in the background."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from drills.catalogue import BY_NAME, PLAN
from drills.drill import Course, Held, Tell
from drills.site import Site
from drills.watch import Watch

Lane = tuple[str, ...]
Phase = tuple[Lane, ...]
QUIET_SECONDS = 480


class Run:
    """A result for each alert of each drill, as a future: some end long before the others."""

    def __init__(self, site: Site, names: Iterable[str], tell: Tell) -> None:
        self.site = site
        self.watch = Watch(site)
        self.tell = tell
        self.plan = _plan(set(names), side_by_side=site.side_by_side)
        self.ended: dict[str, Future[list[Course]]] = {
            name: Future() for phase in self.plan for lane in phase for name in lane
        }
        self._pool = ThreadPoolExecutor(32)

    def start(self) -> None:
        self._pool.submit(self._phases)

    def courses(self) -> list[Course]:
        """Of all drills, when they are over. Ctrl-C undoes what is going on."""
        try:
            return [course for ended in self.ended.values() for course in ended.result()]
        except BaseException:
            self.cancel()
            raise

    def cancel(self) -> None:
        self.watch.cancelled.set()
        self._pool.shutdown()

    def _phases(self) -> None:
        try:
            if not self.watch.until(self.watch.scraped, QUIET_SECONDS):
                raise RuntimeError("Prometheus has targets that do not answer")
            for phase in self.plan:
                for lane in [self._pool.submit(self._lane, lane) for lane in phase]:
                    lane.result()
                self.watch.until(self.watch.quiet, QUIET_SECONDS)
        except BaseException as fault:
            self._fail(fault)

    def _lane(self, lane: Lane) -> None:
        for name in lane:
            held = Held(BY_NAME[name], self.site, self.watch, self.tell)
            held.hold()
            self._pool.submit(self._recover, held)

    def _recover(self, held: Held) -> None:
        ended = self.ended[held.drill.name]
        try:
            held.recover()
            ended.set_result(held.courses)
        except BaseException as fault:
            ended.set_exception(fault)

    def _fail(self, fault: BaseException) -> None:
        """Whoever still waits is told."""
        for ended in self.ended.values():
            if not ended.done():
                ended.set_exception(fault)


def _plan(names: set[str], *, side_by_side: bool) -> list[Phase]:
    chosen = [_chosen(phase, names) for phase in PLAN]
    if side_by_side:
        return chosen
    return [((name,),) for phase in chosen for lane in phase for name in lane]


def _chosen(phase: Sequence[Lane], names: set[str]) -> Phase:
    lanes = [tuple(name for name in lane if name in names) for lane in phase]
    return tuple(lane for lane in lanes if lane)

"""Runs several drills: independent ones concurrently, recoveries in the background."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from drills.catalogue import BY_NAME, PLAN
from drills.drill import AlertTimeline, DrillRun, Log
from drills.observer import Observer
from drills.site import Site

Lane = tuple[str, ...]
Phase = tuple[Lane, ...]
SETTLE_TIMEOUT = 480


class DrillRunner:
    """`results` has a future for each drill: some end long before the others."""

    def __init__(self, site: Site, names: Iterable[str], log: Log) -> None:
        self.site = site
        self.observer = Observer(site)
        self.log = log
        self.plan = _plan(set(names), parallel=site.parallel)
        self.results: dict[str, Future[list[AlertTimeline]]] = {
            name: Future() for phase in self.plan for lane in phase for name in lane
        }
        self._pool = ThreadPoolExecutor(32)

    def start(self) -> None:
        self._pool.submit(self._run_phases)

    def timelines(self) -> list[AlertTimeline]:
        """Of all drills, when they have ended. KeyboardInterrupt undoes the active faults."""
        try:
            return [timeline for result in self.results.values() for timeline in result.result()]
        except BaseException:
            self.cancel()
            raise

    def cancel(self) -> None:
        self.observer.canceled.set()
        self._pool.shutdown()

    def _run_phases(self) -> None:
        try:
            if not self.observer.wait_until(self.observer.targets_are_up, SETTLE_TIMEOUT):
                raise RuntimeError("Prometheus has targets that are not up")
            for phase in self.plan:
                for lane in [self._pool.submit(self._run_lane, lane) for lane in phase]:
                    lane.result()
                self.observer.wait_until(self.observer.no_page_fires, SETTLE_TIMEOUT)
        except BaseException as error:
            self._fail_pending(error)

    def _run_lane(self, lane: Lane) -> None:
        for name in lane:
            run = DrillRun(BY_NAME[name], self.site, self.observer, self.log)
            run.cause_fault()
            self._pool.submit(self._recover, run)

    def _recover(self, run: DrillRun) -> None:
        result = self.results[run.drill.name]
        try:
            run.wait_for_recovery()
            result.set_result(run.timelines)
        except BaseException as error:
            result.set_exception(error)

    def _fail_pending(self, error: BaseException) -> None:
        for result in self.results.values():
            if not result.done():
                result.set_exception(error)


def _plan(names: set[str], *, parallel: bool) -> list[Phase]:
    phases = [_selected(phase, names) for phase in PLAN]
    if parallel:
        return phases
    return [((name,),) for phase in phases for lane in phase for name in lane]


def _selected(phase: Sequence[Lane], names: set[str]) -> Phase:
    lanes = [tuple(name for name in lane if name in names) for lane in phase]
    return tuple(lane for lane in lanes if lane)

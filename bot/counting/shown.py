"""The counts as Prometheus reads them, with what could show a single person rounded away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from bot.counting import folder
from bot.counting.counters import FLOOR, FLOORED, counts

# A file goes over to another process now and then, just when it is to be read.
_TRIES = 5


def as_text(levels: Iterable[tuple[str, str, float]] = ()) -> bytes:
    """All processes' counts in Prometheus' text format, and `levels`: (name, meaning, value) of this moment."""
    from prometheus_client import CollectorRegistry, Metric, generate_latest
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.multiprocess import MultiProcessCollector
    from prometheus_client.registry import Collector

    source = counts().registry
    if folder.shared():
        source = CollectorRegistry()
        MultiProcessCollector(source)  # type: ignore[no-untyped-call]  # the library's own gap

    class Shown(Collector):
        def collect(self) -> Iterator[Metric]:
            for metric in source.collect():
                yield _rounded(metric)
            for name, meaning, value in levels:
                yield GaugeMetricFamily(name, meaning, value)

    def _rounded(metric: Metric) -> Metric:
        # The moment when a series began would tell when somebody wrote.
        samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
        if metric.name in FLOORED:
            samples = [sample._replace(value=sample.value // FLOOR * FLOOR) for sample in samples]
            samples = [sample for sample in samples if sample.value]
        metric.samples = samples
        return metric

    shown = CollectorRegistry()
    shown.register(Shown())
    for _ in range(_TRIES):
        with contextlib.suppress(FileNotFoundError):
            return generate_latest(shown)
    return b""

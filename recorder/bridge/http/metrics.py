"""GET /metrics, for Prometheus. Labels are lines, routes and reasons: never a call, a recording or a client."""

import json
from collections.abc import Iterator, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from recorder import __version__
from recorder.bridge import pictures
from recorder.bridge.delivery import Outbox
from recorder.bridge.http import schemas
from recorder.bridge.http.connections import Admission
from recorder.bridge.http.routes import Reply, Route
from recorder.bridge.http.tokens import FailedLogins
from recorder.bridge.lookout import troubles_of
from recorder.bridge.pictures import Disk
from recorder.line.line import Line

_BUCKETS_S = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)


class Metrics:
    """All metrics of one service, in a registry of its own."""

    def __init__(self, lines: Mapping[str, Line], disk: Disk, outbox: Outbox) -> None:
        self._outbox = outbox
        self._registry = registry = CollectorRegistry()
        registry.register(LineMetrics(lines))
        Gauge("recorder_build_info", "1", ["version"], registry=registry).labels(__version__).set(1)
        free = Gauge("recorder_disk_free_bytes", "Room for recordings", registry=registry)
        free.set_function(lambda: float(disk.picture()["free_bytes"]))
        lasts = Gauge("recorder_disk_free_seconds", "Recording at the present rate that has room", registry=registry)
        lasts.set_function(lambda: float(disk.picture()["free_hours"]) * 3600)
        self._pending = Gauge("recorder_deliveries_pending", "On their way", ["door"], registry=registry)
        self._given_up = Gauge("recorder_deliveries_given_up", "Given up, still listed", ["door"], registry=registry)
        self._oldest = Gauge(
            "recorder_deliveries_oldest_seconds", "How long the oldest is on its way", ["door"], registry=registry
        )
        self._troubles = Counter("recorder_line_troubles", "Begun", ["line", "trouble"], registry=registry)
        self._events = Counter("recorder_events", "Events told, by state", ["state"], registry=registry)
        self._ended = Counter("recorder_recordings_ended", "Recordings ended", ["end_reason"], registry=registry)
        self._requests = Counter(
            "recorder_http_requests", "HTTP requests answered", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "recorder_http_request_seconds", "Time to an answer", ["route"], buckets=_BUCKETS_S, registry=registry
        )

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        reply = Reply("Prometheus' text format", schemas.TEXT, "text/plain")
        return [Route("GET", "/metrics", self.get, "Metrics", {200: reply})]

    def watch(self, admission: Admission, failures: FailedLogins) -> None:
        """Tell of connections and failed log-ins too."""
        self._registry.register(ClientMetrics(admission, failures))

    def told(self, event_text: str) -> None:
        """Count an event."""
        params = json.loads(event_text)["params"]
        self._events.labels(params["state"]).inc()
        if "end_reason" in params:
            self._ended.labels(params["end_reason"]).inc()

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = method if method in {"GET", "HEAD", "POST", "PUT", "DELETE"} else "other"
        self._requests.labels(route, known, status).inc()
        self._seconds.labels(route).observe(seconds)

    def troubled(self, event_text: str) -> None:
        """Count a trouble that began."""
        params = json.loads(event_text)["params"]
        if params["state"] == "began":
            self._troubles.labels(params["line"], params["trouble"]).inc()

    async def get(self, _request: web.Request) -> web.Response:
        """GET /metrics."""
        for door, counts in (await self._outbox.waiting()).items():
            self._pending.labels(door).set(counts["pending"])
            self._given_up.labels(door).set(counts["given_up"])
            self._oldest.labels(door).set(counts.get("oldest_seconds", 0.0))
        text = generate_latest(self._registry)
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


class LineMetrics(Collector):
    """How the lines stand at the moment of asking. A line's counters begin anew with its ring."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self._lines = lines

    def collect(self) -> Iterator[Metric]:
        """One family for each thing that can be told of a line."""
        up = GaugeMetricFamily("recorder_line_up", "1 while audio comes", labels=["line"])
        live = GaugeMetricFamily("recorder_line_recordings", "Recordings that live", labels=["line"])
        frames = CounterMetricFamily("recorder_line_frames", "Frames by the line's clock", labels=["line"])
        gaps = CounterMetricFamily("recorder_line_gaps", "Stretches in which no audio came", labels=["line"])
        missing = CounterMetricFamily("recorder_line_gap_frames", "Frames that never came", labels=["line"])
        ring = GaugeMetricFamily("recorder_line_ring_seconds", "Audio that the ring holds", labels=["line"])
        behind = GaugeMetricFamily("recorder_line_behind_seconds", "Of that, not heard yet", labels=["line"])
        drift = GaugeMetricFamily("recorder_line_drift_ratio", "The device's clock ahead of ours", labels=["line"])
        level = GaugeMetricFamily("recorder_line_level_dbfs", "Loudest 10 ms of a second", labels=["line", "party"])
        wrong = GaugeMetricFamily("recorder_line_trouble", "1 while it lasts", labels=["line", "party", "trouble"])
        for line in self._lines.values():
            up.add_metric([line.id], float(line.is_up))
            live.add_metric([line.id], len(line.live()))
            frames.add_metric([line.id], line.judged)
            gaps.add_metric([line.id], line.reception.gaps)
            missing.add_metric([line.id], line.reception.gap_frames)
            for name, seconds in pictures.ring(line).items():
                (ring if name == "ring_seconds" else behind).add_metric([line.id], seconds)
            if (ppm := pictures.drift_ppm(line)) is not None:
                drift.add_metric([line.id], ppm / 1e6)
            for party, dbfs in pictures.levels_dbfs(line).items():
                level.add_metric([line.id, party], dbfs)
            for trouble in troubles_of(line):
                wrong.add_metric([line.id, trouble.party, trouble.kind], 1)
        yield from (up, live, frames, gaps, missing, ring, behind, drift, level, wrong)


class ClientMetrics(Collector):
    """Who is connected, and who was turned away."""

    def __init__(self, admission: Admission, failures: FailedLogins) -> None:
        self._admission = admission
        self._failures = failures

    def collect(self) -> Iterator[Metric]:
        """One family for each."""
        turned = "recorder_http_connections_turned_away"
        yield GaugeMetricFamily("recorder_http_connections", "Open now", len(self._admission))
        yield CounterMetricFamily(turned, "Closed to keep within bounds", self._admission.turned_away)
        yield CounterMetricFamily("recorder_http_failed_logins", "Invalid tokens", self._failures.total)

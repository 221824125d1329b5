"""Work on a Ray cluster: the same functions as tasks, one a shard, coordinated by nothing but their order.

The output folder must be storage that all nodes share (NFS, Lustre, a mounted bucket): tasks write their shards there.
A task checks that it sees the folder's manifest, and that its libraries, fonts and source are those of the recipe,
before it starts.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from data_synth.item import GEN_VERSION
from data_synth.plan import Runner
from data_synth.recipe import Recipe, library_versions

RETRIES = 3  # of a task whose node or process died, or whose storage failed


def ray_runner(workers: int, recipe: Recipe, manifest: Path) -> AbstractContextManager[Runner]:
    """At most `workers` tasks at a time, one CPU each, on the cluster that RAY_ADDRESS names, else on this machine.

    manifest: a file in the output folder that every task must see. A cluster that this process has joined already is
    used and left open. Raises ValueError at once without the extra `ray`; ConnectionError, when it is entered, if there
    is no such cluster.
    """
    try:
        import ray
    except ModuleNotFoundError as error:
        raise ValueError("the Ray runner needs the extra: pip install 'vlm-rl[ray]'") from error
    return _cluster(ray, workers, (str(manifest.resolve()), recipe.gen_version, recipe.versions, recipe.formats))


Expected = tuple[str, str, dict[str, str], tuple[str, ...]]


@contextmanager
def _cluster(ray: Any, workers: int, expected: Expected) -> Iterator[Runner]:
    joined = ray.is_initialized()
    if not joined:
        if os.environ.get("RAY_ADDRESS"):
            ray.init(log_to_driver=False)
        else:
            ray.init("local", num_cpus=workers, include_dashboard=False, log_to_driver=False)
    try:
        yield _Cluster(ray, workers, expected)
    finally:
        if not joined:
            ray.shutdown()


class _Cluster:
    def __init__(self, ray: Any, ahead: int, expected: Expected) -> None:
        self._ray = ray
        self._ahead = ahead
        self._expected = expected
        self._task = ray.remote(num_cpus=1, max_retries=RETRIES, retry_exceptions=[OSError, MemoryError])(_on_node)

    def map(self, function: Callable[[Any], Any], values: Iterable[Any]) -> Iterator[Any]:
        waiting: deque[Any] = deque()
        try:
            for value in values:
                waiting.append(self._task.remote(function, value, self._expected))
                if len(waiting) >= self._ahead:
                    yield self._result(waiting.popleft())
            while waiting:
                yield self._result(waiting.popleft())
        finally:
            for task in waiting:
                self._ray.cancel(task)

    def _result(self, task: Any) -> Any:
        try:
            return self._ray.get(task)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self._ray.exceptions.RayError as error:
            raise OSError(f"a Ray task was lost {RETRIES + 1} times ({error}); run again to go on") from error


def _on_node(function: Callable[[Any], Any], value: Any, expected: Expected) -> Any:
    """Run on a node. Raises ValueError naming the node if it cannot give the bytes that the others give."""
    manifest, version, libraries, formats = expected
    node = os.uname().nodename
    if not os.path.exists(manifest):
        folder = os.path.dirname(manifest)
        raise ValueError(f"node {node} does not see {folder}: the output folder must be storage that all nodes share")
    held = {"data_synth": GEN_VERSION} | library_versions(formats)
    wanted = {"data_synth": version} | libraries
    if wrong := [f"{name} {held.get(name)}, not {wanted[name]}" for name in wanted if held.get(name) != wanted[name]]:
        raise ValueError(f"node {node} has {', '.join(wrong)}: the bytes would differ; install the same versions")
    return function(value)

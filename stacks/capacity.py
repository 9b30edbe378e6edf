"""The capacity that `capacity/<stack>.yaml` gives a workload, for a Pulumi program in Python: the same as `capacity()` of foreshadow/capacity.

Copy this file beside the program. PyYAML comes with Pulumi's SDK.
"""

import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pulumi
import yaml


@dataclass(frozen=True)
class Step:
    """From `at` (epoch seconds) on, at least `floor` replicas."""

    at: float
    floor: int


@dataclass(frozen=True)
class Capacity:
    file: Path
    owns: str
    #: Least and greatest number of replicas; both the count with `owns: desired`.
    floor: int
    ceiling: int
    #: Replicas by the step of the plan that is in force now, else the count or the floor.
    present: int
    #: Steps that are still to come.
    ahead: list[Step]
    #: As they stand in the file, all texts: {"instance": "m7i.large"}, {"size": "100GiB"}, {"bandwidth": "1Gbit/s"}.
    per_replica: dict
    storage: dict
    network: dict


def capacity(workload: str, now: float | None = None) -> Capacity:
    """Raises where file or workload are missing, and where the engine that runs this program has lost its lease."""
    _assert_still_holder()
    file = _find()
    # The base loader leaves everything a text: a number is read where one is meant, and no instant is turned into something else.
    document = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) or {}
    if workload not in document:
        raise ValueError(f"{file}: expected the workload {workload}, found {', '.join(k for k in document if k != 'version') or 'none'}")
    section = document[workload]
    replicas = section["replicas"]
    floor, ceiling = (int(replicas.get(key, replicas.get("count", 0))) for key in ("floor", "ceiling"))
    plan = [Step(_instant(step["at"]), int(step["floor"])) for step in section.get("plan", [])]
    at = _now() if now is None else now
    begun = [step.floor for step in plan if step.at <= at]
    return Capacity(
        file=file,
        owns=section["owns"],
        floor=floor,
        ceiling=ceiling,
        present=begun[-1] if begun else floor,
        ahead=[step for step in plan if step.at > at],
        per_replica=section.get("perReplica", {}),
        storage=section.get("storage", {}),
        network=section.get("network", {}),
    )


def _find() -> Path:
    named = os.environ.get("FORESHADOW_CAPACITY_FILE")
    if named:
        return Path(named)
    name = Path("capacity") / f"{pulumi.get_stack()}.yaml"
    here = Path.cwd()
    for directory in (here, *here.parents):
        if (directory / name).exists():
            return directory / name
    raise FileNotFoundError(f"expected {name} in {here} or above, found none")


def _assert_still_holder() -> None:
    """The engine's lease, under Pulumi's lock and before the first resource: what raises here has changed nothing."""
    file, token = (os.environ.get(f"FORESHADOW_LEASE_{part}") for part in ("FILE", "TOKEN"))
    if not file and not token:
        return
    try:
        found = Path(file or "").read_text(encoding="utf-8").strip()
    except OSError as error:
        found = str(error)
    if not token or found != token:
        raise RuntimeError(f"{file}: expected the lease's token, found another: another engine has taken over; nothing was changed")


def _instant(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _now() -> float:
    """In a rehearsal the time may be another than the machine's."""
    told = os.environ.get("FORESHADOW_SIMULATED_NOW")
    return float(told) if told and os.environ.get("FORESHADOW_SIMULATED_WORLD") else time.time()

# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What a finished job and its pod look like: of the sizes that the runner and the operator write."""
import json
import os
import re
from datetime import datetime, timezone

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = "import sys\n" + "".join(f"print('line {line} of a program of usual length', file=sys.stdout)\n" for line in range(30))
MERGE = "application/merge-patch+json"


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def controls():
    """The names of all controls, read off the API's type."""
    text = open(f"{ROOT}/crds/src/main/java/dev/gabion/api/v1alpha1/ControlName.java").read()
    return re.findall(r"^    ([A-Z]\w+)[,;]?$", text, re.M)


def job_status(name, pod_uid=""):
    said = [
        dict(type=kind, status=is_so, reason=reason, message=message, lastTransitionTime=now(), observedGeneration=1)
        for kind, is_so, reason, message in (
            ("Started", "True", "AttemptBegun", "the spec is frozen"),
            ("Complete", "True", "OK", "the guest exited with code 0"),
            ("Failed", "False", "NoFailure", "the infrastructure has not failed the job"),
        )
    ]
    series = [
        dict(
            offsetMilliseconds=100 * at,
            cpuTimeMilliseconds=97 * at,
            memoryBytes=9_000_000 + 40_960 * at,
            processes=1 + at % 3,
            readBytes=4096 * at,
            writtenBytes=512 * at,
        )
        for at in range(120)
    ]
    usage = dict(
        cpuTimeMilliseconds=11_640,
        cpuTimeLowerBound=False,
        wallTimeMilliseconds=12_000,
        peakMemoryBytes=13_900_000,
        peakProcesses=3,
        readBytes=500_000,
        writtenBytes=60_000,
        series=series,
    )
    attempt = dict(
        number=1, podName=f"{name}-1", podUid=pod_uid, nodeName="node-1", startTime=now(), completionTime=now(), outcome="Finished"
    )
    return dict(
        observedGeneration=1,
        phase="Finished",
        conditions=said,
        verdict="OK",
        exitCode=0,
        attempts=1,
        podName=f"{name}-1",
        usage=usage,
        controls=[dict(name=each, state="Present", evidence=f"probe of {each}: refused with EPERM as it must be") for each in controls()],
        output=dict(stdout=dict(tail="a line of output\n" * 60, bytes=1020, truncated=False), stderr=dict(tail="", bytes=0, truncated=False)),
        attemptRecords=[attempt],
        startTime=now(),
        completionTime=now(),
    )


def pod_status(job_uid):
    container = "containerd://" + "0" * 64
    message = json.dumps(dict(jobUid=job_uid, attempt=1, verdict="OK", exitCode=0, usage=dict(cpuTimeMilliseconds=1), evidence="x" * 900))
    ended = dict(exitCode=0, reason="Completed", message=message, startedAt=now(), finishedAt=now(), containerID=container)
    runner = dict(
        name="runner",
        image="registry.example/gabion/runner-python:1",
        imageID="sha256:" + "0" * 64,
        containerID=container,
        ready=False,
        restartCount=0,
        started=False,
        state=dict(terminated=ended),
    )
    went = [dict(type=kind, status="True", lastTransitionTime=now()) for kind in ("PodScheduled", "Initialized", "PodReadyToStartContainers")]
    return dict(phase="Succeeded", conditions=went, containerStatuses=[runner], podIP="10.244.1.7", hostIP="172.18.0.2", startTime=now())

# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Files that are collected after the end."""
import hashlib

from bench import REAL, equal, run, shell, test
from launcher import Run


@test
def files_are_collected_without_following_anything():
    script = (
        "mkdir d; echo one > d/a.txt; echo two > b.txt; ln -s /etc/passwd c.txt; ln b.txt h.txt; mkfifo p.txt; "
        "head -c 5000 /dev/zero > z.txt; ln -s d e; echo no > other; chmod 0 b.txt"
    )
    r = run(shell(script, collect=["/work/*.txt", "/work/*/a.txt"], collect_limits=(4000, 10)))
    status = {f["path"]: f["status"] for f in r.all("FILE")}
    equal(
        status,
        {"/work/d/a.txt": 0, "/work/b.txt": 0, "/work/h.txt": 0, "/work/c.txt": 2, "/work/p.txt": 2, "/work/z.txt": 1},
    )
    equal(r.files, {"/work/d/a.txt": b"one\n", "/work/b.txt": b"two\n", "/work/h.txt": b"two\n"})


@test
def collected_files_are_counted_and_large_ones_arrive_whole():
    r = run(shell("for i in 1 2 3 4; do echo $i > $i; done; head -c 300001 /dev/urandom > big; cksum < big",
                  collect=["/work/[0-9]"], collect_limits=(1000, 2)))
    equal(sorted(f["status"] for f in r.all("FILE")), [0, 0, 3, 3])
    r = run(shell("head -c 300001 /dev/urandom > big; md5sum < big", collect=["/work/big"]))
    equal(hashlib.md5(r.files["/work/big"]).hexdigest().encode(), r.out.split()[0])


@test
def files_of_which_only_the_size_is_wanted_use_nothing_of_the_limits():
    script = "head -c 5000 /dev/zero > a; head -c 5000 /dev/zero > b; printf kept > z.txt; ln -s a l"
    r = run(shell(script, collect=["/work/*.txt"], collect_sizes=["/work/*"], collect_limits=(4, 1)))
    equal({f["path"]: (f["status"], f["size"]) for f in r.all("FILE") if f["path"] != "/work/l"},
          {"/work/a": (5, 5000), "/work/b": (5, 5000), "/work/z.txt": (0, 4)})
    equal([f["status"] for f in r.all("FILE") if f["path"] == "/work/l"], [2])
    equal(r.files, {"/work/z.txt": b"kept"})


@test
def nothing_is_collected_after_kill_when_not_wanted():
    for flags, files in ((0, {"/work/f": b"x\n"}), (1, {})):
        r = Run(REAL, shell("echo x > f; echo ready; sleep 30", collect=["/work/f"]))
        while b"ready" not in r.out:
            r.pump(5)
        r.kill(flags)
        equal(r.finish().files, files)

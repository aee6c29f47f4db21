# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# What Python's standard library makes of the kernel: each call that the profile python adds to the base is made here.
import asyncio
import concurrent.futures
import ctypes
import fcntl
import mmap
import multiprocessing
import os
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time


def square(number):
    return number * number


def files():
    with open("a", "wb+", buffering=0) as a, open("b", "wb+", buffering=0) as b:
        a.write(b"hello world" * 1000)
        os.pwritev(a.fileno(), [b"H"], 0)
        os.pwritev(a.fileno(), [b"E"], 1, os.RWF_HIPRI)
        os.preadv(a.fileno(), [bytearray(1)], 0)
        os.preadv(a.fileno(), [bytearray(1)], 1, os.RWF_HIPRI)
        os.sendfile(b.fileno(), a.fileno(), 0, 100)
        os.copy_file_range(a.fileno(), b.fileno(), 100, 0, 0)
        os.posix_fallocate(b.fileno(), 0, 20000)
        os.posix_fadvise(b.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        read, write = os.pipe()
        os.splice(a.fileno(), write, 100, offset_src=0)
        os.close(read)
        os.close(write)
        fcntl.lockf(a, fcntl.LOCK_EX)
        with mmap.mmap(a.fileno(), 0) as mapped:
            mapped[0:1] = b"x"
            mapped.madvise(mmap.MADV_WILLNEED)
            mapped.flush()
    os.sync()
    os.mkfifo("fifo")
    os.listxattr("a")
    try:
        os.getxattr("a", "user.none")
    except OSError:
        pass
    shutil.copy2("a", tempfile.mkdtemp())
    sqlite3.connect("a.db").execute("create table t (x)")


def waiting():
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.getitimer(signal.ITIMER_REAL)
    signal.pause()
    signal.alarm(0)
    with select.epoll() as epoll:
        event = os.eventfd(1)
        epoll.register(event, select.EPOLLIN)
        epoll.poll(0.01)
        os.close(event)
    pidfd = os.pidfd_open(os.getpid())
    signal.pidfd_send_signal(pidfd, 0)
    os.close(pidfd)
    # os.timerfd_create came with Python 3.13.
    libc = ctypes.CDLL(None)
    timer = libc.timerfd_create(1, 0)
    when = (ctypes.c_long * 4)(0, 0, 0, 1)
    libc.timerfd_settime(timer, 0, when, None)
    libc.timerfd_gettime(timer, when)
    os.close(timer)
    time.sleep(0.001)


async def talk():
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    await process.communicate(b"x")


def pairs():
    left, right = socket.socketpair()
    left.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10000)
    left.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    left.getsockname()
    left.getpeername()
    left.send(b"x")
    right.recv(1)
    left.sendmsg([b"y"])
    right.recvmsg(1)
    left.shutdown(socket.SHUT_WR)
    asyncio.run(talk())


def processes():
    os.sched_getaffinity(0)
    os.sched_getscheduler(0)
    os.sched_getparam(0)
    os.sched_get_priority_max(os.SCHED_OTHER)
    os.sched_get_priority_min(os.SCHED_OTHER)
    os.sched_rr_get_interval(0)
    os.sched_yield()
    os.getpriority(os.PRIO_PROCESS, 0)
    os.times()
    os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ)
    os.wait()
    with multiprocessing.Pool(2) as pool:
        print(pool.map(square, range(5)))
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        print(sum(threads.map(square, range(100))))
    print(subprocess.run([sys.executable, "-c", "print('child')"], capture_output=True, text=True).stdout.strip())


if __name__ == "__main__":
    files()
    waiting()
    pairs()
    processes()
    print("toured")

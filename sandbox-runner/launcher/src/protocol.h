// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// The constants of PROTOCOL.md. The Java side is checked against this file: keep every protocol constant on one
// line of its own, `#define GBL_NAME value`, value a decimal or 0x number.
#ifndef GABION_PROTOCOL_H
#define GABION_PROTOCOL_H

#define GBL_MAGIC 0x314c4247
#define GBL_VERSION 1

// Limits of a request.
#define GBL_MAX_REQUEST 4194304
#define GBL_MAX_STRING 131071
#define GBL_MAX_PATH 4095
#define GBL_MAX_ARGS 4096
#define GBL_MAX_ENV 1024
#define GBL_MAX_BINDS 256
#define GBL_MAX_TMPFS 8
#define GBL_MAX_SYMLINKS 64
#define GBL_MAX_FILES 64
#define GBL_MAX_FILE_BYTES 1048576
#define GBL_MAX_RLIMITS 16
#define GBL_MAX_SECCOMP_INSTRUCTIONS 4080
#define GBL_MAX_COLLECT 64
#define GBL_MAX_HOSTNAME 63
#define GBL_MAX_FRAME 65536

// Request records.
#define GBL_REQ_LEVEL 0x0001
#define GBL_REQ_FLAGS 0x0002
#define GBL_REQ_IDS 0x0003
#define GBL_REQ_HOSTNAME 0x0004
#define GBL_REQ_ARG 0x0010
#define GBL_REQ_ENV 0x0011
#define GBL_REQ_CWD 0x0012
#define GBL_REQ_BIND 0x0020
#define GBL_REQ_TMPFS 0x0021
#define GBL_REQ_SYMLINK 0x0022
#define GBL_REQ_FILE 0x0023
#define GBL_REQ_RLIMIT 0x0030
#define GBL_REQ_SECCOMP 0x0040
#define GBL_REQ_COLLECT 0x0050
#define GBL_REQ_COLLECT_LIMITS 0x0051
#define GBL_REQ_TEST_SWITCHES 0x00f0
#define GBL_REQ_END 0x00ff

// Commands, sent by the engine after the request.
#define GBL_CMD_GO 0x0100
#define GBL_CMD_KILL 0x0101
#define GBL_CMD_SIGNAL 0x0102

// Events, sent by the launcher.
#define GBL_EV_HELLO 0x0201
#define GBL_EV_PROBE 0x0202
#define GBL_EV_READY 0x0203
#define GBL_EV_STARTED 0x0204
#define GBL_EV_VIOLATION 0x0205
#define GBL_EV_EXIT 0x0206
#define GBL_EV_FILE_BEGIN 0x0207
#define GBL_EV_FILE_DATA 0x0208
#define GBL_EV_FILE_END 0x0209
#define GBL_EV_DONE 0x020a
#define GBL_EV_ERROR 0x020b

// GBL_REQ_LEVEL
#define GBL_LEVEL_PROCESS 1
#define GBL_LEVEL_POD 2

// GBL_REQ_FLAGS
#define GBL_FLAG_LANDLOCK 0x1
#define GBL_FLAG_PROC 0x2
#define GBL_FLAG_LEARN 0x4
#define GBL_FLAG_SOCKETS 0x8

// Flags of GBL_REQ_BIND
#define GBL_BIND_NOEXEC 0x1
#define GBL_BIND_OPTIONAL 0x2
#define GBL_BIND_DEVICE 0x4

// Flags of GBL_REQ_TMPFS
#define GBL_TMPFS_NOEXEC 0x1

// Flags of GBL_REQ_COLLECT
#define GBL_COLLECT_SIZE_ONLY 0x1

// GBL_REQ_TEST_SWITCHES, only in gabion-launch-test: controls left off.
#define GBL_OFF_USERNS 0x1
#define GBL_OFF_PIDNS 0x2
#define GBL_OFF_MOUNTNS 0x4
#define GBL_OFF_NETNS 0x8
#define GBL_OFF_IPCNS 0x10
#define GBL_OFF_UTSNS 0x20
#define GBL_OFF_READONLY 0x40
#define GBL_OFF_NNP 0x80
#define GBL_OFF_CAPS 0x100
#define GBL_OFF_SECCOMP 0x200
#define GBL_OFF_LANDLOCK 0x400
#define GBL_OFF_RLIMITS 0x800
#define GBL_OFF_CLOSE_FDS 0x1000
#define GBL_OFF_TMPFS_LIMITS 0x2000
#define GBL_OFF_SCOPES 0x4000

// State of a GBL_EV_PROBE
#define GBL_PROBE_ABSENT 0
#define GBL_PROBE_PRESENT 1
#define GBL_PROBE_NOT_APPLICABLE 2
#define GBL_PROBE_UNKNOWN 3

// Cause of a GBL_EV_EXIT
#define GBL_CAUSE_GUEST 0
#define GBL_CAUSE_KILL 1
#define GBL_CAUSE_VIOLATION 2

// Status of a GBL_EV_FILE_BEGIN
#define GBL_FILE_OK 0
#define GBL_FILE_TOO_LARGE 1
#define GBL_FILE_NOT_REGULAR 2
#define GBL_FILE_TOO_MANY 3
#define GBL_FILE_UNREADABLE 4
#define GBL_FILE_SIZE_ONLY 5

// Flags of GBL_EV_HELLO
#define GBL_HELLO_TEST_BUILD 0x1

// Exit codes of the launcher itself (everything else is told by frames).
#define GBL_EXIT_OK 0
#define GBL_EXIT_USAGE 2
#define GBL_EXIT_BAD_REQUEST 3
#define GBL_EXIT_SETUP 4
#define GBL_EXIT_ENGINE_GONE 5

#endif

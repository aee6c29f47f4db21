// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// What the parts of the launcher share. Three processes: the launcher (outside, speaks with the engine, answers seccomp
// notifications), the init (pid 1 inside: builds the root, starts the guest, reaps and kills), the guest.
#ifndef GABION_LAUNCH_H
#define GABION_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

#include "request.h"
#include "wire.h"

// Messages between launcher and init, on a SOCK_SEQPACKET pair; same header as the engine's frames. Events for the
// engine (PROBE, READY, EXIT, ...) travel there unchanged and are passed on.
#define INNER_MAPPED 0x0301    // launcher to init: the id maps are written
#define INNER_LISTENER 0x0302  // init to launcher: the seccomp listener, as SCM_RIGHTS
#define INNER_GO 0x0303
#define INNER_KILL 0x0304      // flags 1: do not collect; payload u8 cause
#define INNER_SIGNAL 0x0305    // payload u32 signal
#define INNER_LAST_WORDS 2U    // flag of an ERROR frame: the init has gone after it

// What is tried under the filter by a child, where a violation ends its caller.
enum trial { TRIAL_UNSHARE, TRIAL_SOCKET, TRIAL_MODE, TRIALS };

#define NAMESPACES 7
enum { NS_USER, NS_PID, NS_MOUNT, NS_NET, NS_IPC, NS_UTS, NS_CGROUP };

struct context {
    struct request *request;
    int inner;                       // this process' end of the pair
    uint64_t outer_ns[NAMESPACES];   // inode numbers of the launcher's namespaces, 0: unknown
    uint64_t inner_ns[NAMESPACES];
    uint64_t outer_root;             // device of the root before the new one
    char uid_map[64];
    char gid_map[64];
    char network[192];               // what was found: empty when no interface is up and there is no route
    bool network_known;
    bool proc_mounted;
    int proc_errno;
    int landlock_abi;
    int landlock_errno;
    bool landlocked;
    bool unnamed;                    // the kernel has no seccomp notifications
    int trials[TRIALS];              // then: 0 done, an errno, or minus the signal that ended the child
    int proc;                        // an open /proc where there is no pid namespace, else -1
};

// True when the control is on: in the real build always.
static inline bool on(const struct context *context, uint32_t control) {
#ifdef GABION_TEST_SWITCHES
    return (context->request->off & control) == 0;
#else
    (void)context;
    (void)control;
    return true;
#endif
}

static inline bool with_namespaces(const struct context *context) {
    return context->request->level == GBL_LEVEL_PROCESS;
}

// supervise.c: the launcher after clone. Returns its exit code.
int supervise(struct context *context, int engine);

// spawn.c: one clone with all namespaces; the child runs init_main. Returns its pid, its pidfd and the perf event (or -1).
pid_t spawn_init(struct context *context, int engine, int pair[2], int *pidfd, int *perf, const char **stage);
void read_namespaces(uint64_t ids[NAMESPACES]);

// init.c
noreturn void init_main(struct context *context);
noreturn void die(struct context *context, const char *stage, int error, const char *what);

// rootfs.c: a tmpfs root with the request's binds, pivoted into; the old root is gone afterwards.
void build_root(struct context *context);
void seal_root(struct context *context);

// confine.c
void drop_bounding(void);
void drop_capabilities(struct context *context);
#ifdef GABION_TEST_SWITCHES
void keep_capabilities(void);
#endif
void set_rlimits(struct context *context);
void enter_landlock(struct context *context);
int landlock_version(void);
int install_filter(struct context *context);  // the listener, or -1: no notifications (context->unnamed) or switched off

// probes.c
void observe_outside(struct context *context);       // needs /proc of the old root
void probe_before_filter(struct context *context);
void probe_after_filter(struct context *context);

// guest.c
struct guest_pipes {
    int report_read;   // guest to init: the listener's number, then errno of a failed execve, end of file on success
    int report_write;
    int go_read;       // init to guest: 'p' (probe), 'g' (go)
    int go_write;
};
noreturn void guest_main(struct context *context, const struct guest_pipes *pipes);

// collect.c: sends the files that the request asks for. Only when no guest process exists any more.
int collect_files(struct context *context);

// descendants.c: for level pod, where there is no pid namespace to end. `proc` is an open /proc.
void kill_descendants(int proc, pid_t self);

#endif

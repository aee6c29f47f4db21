// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// Level pod has no pid namespace whose end would end everything: find the descendants in /proc and kill them.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch.h"

#define MOST_PROCESSES 32768

struct process {
    pid_t pid;
    pid_t parent;
    bool ours;
};

static struct process table[MOST_PROCESSES];

static pid_t parent_of(int proc, pid_t pid) {
    char path[64];
    char text[512];
    snprintf(path, sizeof path, "%d/stat", pid);
    int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    const char *after_name = strrchr(text, ')');  // the name may hold anything, parentheses too
    int parent = 0;
    return after_name != NULL && sscanf(after_name + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

static size_t list_processes(int directory) {
    size_t count = 0;
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *proc = fd >= 0 ? fdopendir(fd) : NULL;
    if (proc == NULL) {
        return 0;
    }
    for (struct dirent *entry; count < MOST_PROCESSES && (entry = readdir(proc)) != NULL;) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0) {
            table[count++] = (struct process){pid, parent_of(directory, pid), false};
        }
    }
    closedir(proc);
    return count;
}

static bool is_ours(size_t count, pid_t pid, pid_t self) {
    if (pid == self) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (table[i].pid == pid) {
            return table[i].ours;
        }
    }
    return false;
}

// One sweep. The caller sweeps until it has no child left: it is a subreaper, so whatever survived becomes its child.
void kill_descendants(int proc, pid_t self) {
    size_t count = list_processes(proc);
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < count; i++) {
            if (!table[i].ours && table[i].pid != self && is_ours(count, table[i].parent, self)) {
                table[i].ours = true;
                changed = true;
                kill(table[i].pid, SIGSTOP);  // a stopped process does not fork while the rest is looked for
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (table[i].ours) {
            kill(table[i].pid, SIGKILL);
        }
    }
}

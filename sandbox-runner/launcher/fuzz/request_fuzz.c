// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// libFuzzer: any bytes as a request. Beyond memory errors it checks what the rest of the launcher relies on.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../src/glob.h"
#include "../src/request.h"

static void check(const struct request *request) {
    assert(request->args >= 1 && request->argv[0][0] == '/' && request->argv[request->args] == NULL);
    assert(request->envp[request->envs] == NULL);
    assert(request->filter != NULL && request->filter_length >= 1);
    assert(request->filter_length <= GBL_MAX_SECCOMP_INSTRUCTIONS);
    assert(request->cwd[0] == '/' && request->hostname[0] != '\0');
    assert(request->off == 0);
    assert(request->level == GBL_LEVEL_POD || (request->inside_uid != 0 && request->inside_gid != 0));
    assert(request->outside_uid != 0 && request->outside_gid != 0);
    for (size_t i = 0; i < request->binds; i++) {
        assert(request->bind[i].source[0] == '/' && strlen(request->bind[i].target) > 1);
        assert(strstr(request->bind[i].target, "/../") == NULL);
    }
    for (size_t i = 0; i < request->tmpfses; i++) {
        assert(request->tmpfs[i].bytes >= 4096 && request->tmpfs[i].inodes >= 2);
    }
    for (size_t i = 0; i < request->collects; i++) {
        assert(request->collect[i][0] == '/' && request->tmpfses > 0);
        for (size_t j = 0; j < request->collects; j++) {
            (void)glob_matches(request->collect[i], request->collect[j]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct request request;
    char why[200];
    uint32_t length;
    if (size < REQUEST_HEADER) {
        return 0;
    }
    why[0] = '\0';
    // The header is tried, but does not stop the rest from being tried.
    if (request_header(data, &length, why, sizeof why) != 0) {
        assert(why[0] != '\0');
    }
    why[0] = '\0';
    // An exact copy, so that a read beyond the end is seen.
    size_t records = size - REQUEST_HEADER;
    uint8_t *copy = malloc(records + 1);
    if (copy == NULL) {
        return 0;
    }
    uint8_t *exact = copy + 1;
    memcpy(exact, data + REQUEST_HEADER, records);
    if (request_parse(&request, exact, records, why, sizeof why) == 0) {
        check(&request);
    } else {
        assert(why[0] != '\0');
    }
    request_free(&request);
    free(copy);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// The request parser under AddressSanitizer and UBSan: each seed whole, cut at every length, and with every byte changed
// in some ways. Runs without a fuzzing engine. parser_test SEED...
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
    static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x20, 0x2f};
    static uint8_t seed[65536];
    unsigned long tried = 0;
    int accepted = 0;
    for (int i = 1; i < argc; i++) {
        static struct request request;
        char why[200] = "";
        FILE *file = fopen(argv[i], "rb");
        size_t size = file != NULL ? fread(seed, 1, sizeof seed, file) : 0;
        if (file == NULL || size < REQUEST_HEADER) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 1;
        }
        fclose(file);
        accepted += request_parse(&request, seed + REQUEST_HEADER, size - REQUEST_HEADER, why, sizeof why) == 0;
        request_free(&request);
        for (size_t cut = 0; cut <= size; cut++, tried++) {
            LLVMFuzzerTestOneInput(seed, cut);
        }
        for (size_t at = 0; at < size; at++) {
            for (size_t k = 0; k < sizeof changes; k++, tried++) {
                seed[at] ^= changes[k];
                LLVMFuzzerTestOneInput(seed, size);
                seed[at] ^= changes[k];
            }
        }
    }
    int failed = accepted == argc - 1 && argc > 1 ? 0 : 1;
    printf("parser under sanitizers: %lu inputs, %d of %d seeds accepted: %d passed, %d failed\n", tried, accepted, argc - 1,
           1 - failed, failed);
    return failed;
}

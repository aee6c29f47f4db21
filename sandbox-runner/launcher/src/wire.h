// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// Frames: little-endian, bounded, written whole or not at all.
#ifndef GABION_WIRE_H
#define GABION_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "protocol.h"

#define FRAME_HEADER 8U

struct frame {
    size_t length;  // header included
    bool overflow;
    uint8_t bytes[FRAME_HEADER + GBL_MAX_FRAME];
};

uint16_t get_u16(const uint8_t *at);
uint32_t get_u32(const uint8_t *at);
uint64_t get_u64(const uint8_t *at);

void frame_begin(struct frame *frame, uint16_t type, uint16_t flags);
void put_u8(struct frame *frame, uint8_t value);
void put_u16(struct frame *frame, uint16_t value);
void put_u32(struct frame *frame, uint32_t value);
void put_u64(struct frame *frame, uint64_t value);
void put_bytes(struct frame *frame, const void *bytes, size_t length);

// Fills in the length and writes the frame; 0, or -1 with errno.
int frame_send(int fd, struct frame *frame);

int write_fully(int fd, const void *bytes, size_t length);
// 1 when all was read, 0 at end of file before the first byte, -1 with errno (EPROTO: end of file in the middle).
int read_fully(int fd, void *bytes, size_t length);

int send_probe(int fd, const char *name, unsigned state, const char *format, ...) __attribute__((format(printf, 4, 5)));
int send_error(int fd, const char *stage, int error, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif

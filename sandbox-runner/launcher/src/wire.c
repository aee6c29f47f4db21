// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#include "wire.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

uint16_t get_u16(const uint8_t *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t get_u32(const uint8_t *at) {
    return (uint32_t)get_u16(at) | (uint32_t)get_u16(at + 2) << 16;
}

uint64_t get_u64(const uint8_t *at) {
    return (uint64_t)get_u32(at) | (uint64_t)get_u32(at + 4) << 32;
}

void put_bytes(struct frame *frame, const void *bytes, size_t length) {
    if (length > sizeof frame->bytes - frame->length) {
        frame->overflow = true;
        return;
    }
    if (length > 0) {
        memcpy(frame->bytes + frame->length, bytes, length);
    }
    frame->length += length;
}

static void put_number(struct frame *frame, uint64_t value, size_t width) {
    uint8_t bytes[8];
    for (size_t i = 0; i < width; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    put_bytes(frame, bytes, width);
}

void put_u8(struct frame *frame, uint8_t value) {
    put_number(frame, value, 1);
}

void put_u16(struct frame *frame, uint16_t value) {
    put_number(frame, value, 2);
}

void put_u32(struct frame *frame, uint32_t value) {
    put_number(frame, value, 4);
}

void put_u64(struct frame *frame, uint64_t value) {
    put_number(frame, value, 8);
}

void frame_begin(struct frame *frame, uint16_t type, uint16_t flags) {
    frame->length = 0;
    frame->overflow = false;
    put_u16(frame, type);
    put_u16(frame, flags);
    put_u32(frame, 0);
}

int write_fully(int fd, const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    while (length > 0) {
        ssize_t written = write(fd, at, length);
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -1;
        }
        at += written;
        length -= (size_t)written;
    }
    return 0;
}

int read_fully(int fd, void *bytes, size_t length) {
    uint8_t *at = bytes;
    size_t left = length;
    while (left > 0) {
        ssize_t got = read(fd, at, left);
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -1;
        }
        if (got == 0) {
            if (left == length) {
                return 0;
            }
            errno = EPROTO;
            return -1;
        }
        at += got;
        left -= (size_t)got;
    }
    return 1;
}

int frame_send(int fd, struct frame *frame) {
    if (frame->overflow) {
        errno = EMSGSIZE;
        return -1;
    }
    uint32_t length = (uint32_t)(frame->length - FRAME_HEADER);
    for (size_t i = 0; i < 4; i++) {
        frame->bytes[4 + i] = (uint8_t)(length >> (8 * i));
    }
    return write_fully(fd, frame->bytes, frame->length);
}

static void put_text(struct frame *frame, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void put_text(struct frame *frame, const char *format, va_list arguments) {
    char text[257];
    int wanted = vsnprintf(text, sizeof text, format, arguments);
    size_t length = wanted < 0 ? 0 : (size_t)wanted;
    if (length > sizeof text - 1) {
        length = sizeof text - 1;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e) {
            text[i] = ' ';
        }
    }
    put_bytes(frame, text, length);
}

int send_probe(int fd, const char *name, unsigned state, const char *format, ...) {
    static struct frame frame;
    frame_begin(&frame, GBL_EV_PROBE, 0);
    put_u8(&frame, (uint8_t)state);
    put_u8(&frame, (uint8_t)strlen(name));
    put_bytes(&frame, name, strlen(name));
    va_list arguments;
    va_start(arguments, format);
    put_text(&frame, format, arguments);
    va_end(arguments);
    return frame_send(fd, &frame);
}

int send_error(int fd, const char *stage, int error, const char *format, ...) {
    static struct frame frame;
    frame_begin(&frame, GBL_EV_ERROR, 0);
    put_u32(&frame, (uint32_t)error);
    put_u8(&frame, (uint8_t)strlen(stage));
    put_bytes(&frame, stage, strlen(stage));
    va_list arguments;
    va_start(arguments, format);
    put_text(&frame, format, arguments);
    va_end(arguments);
    return frame_send(fd, &frame);
}

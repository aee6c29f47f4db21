// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// What differs by machine: the architecture's name in seccomp data, and whether x32 calls exist.
#ifndef GABION_ARCH_H
#define GABION_ARCH_H

#include <linux/audit.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define GBL_NATIVE_ARCH AUDIT_ARCH_X86_64
#define GBL_X32_BIT 0x40000000U
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define GBL_NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "gabion-launch knows x86_64 and aarch64 (little-endian)"
#endif

#endif

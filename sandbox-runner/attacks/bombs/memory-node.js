// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: take memory without end with Node.js
// expect: MemoryExceeded
// control: ResourceLimits
// off: none
// without: none
// limits: memory=160Mi wallTimeMilliseconds=20000
// bomb: yes
const held = [];
for (;;) held.push(Buffer.alloc(8 << 20, 1));

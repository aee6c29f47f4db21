// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: connect with Node.js
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Landlock EACCES > NetworkNamespace ENETUNREACH
// syscall: socket
const socket = require("net").connect(22, "127.0.0.1");
socket.on("connect", () => { console.log("ESCAPED connected"); process.exit(66); });
socket.on("error", (refused) => { console.log("CONTAINED", refused.code); process.exit(0); });

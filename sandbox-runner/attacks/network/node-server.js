// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: listen with Node.js
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Landlock EACCES > Escape
// syscall: socket
const server = require("http").createServer();
server.on("error", (refused) => { console.log("CONTAINED", refused.code); process.exit(0); });
server.listen(8080, "0.0.0.0", () => { console.log("ESCAPED listens"); process.exit(66); });

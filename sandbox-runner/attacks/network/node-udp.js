// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: send a datagram with Node.js
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NetworkNamespace ENETUNREACH
// syscall: socket
const socket = require("dgram").createSocket("udp4");
socket.on("error", (refused) => { console.log("CONTAINED", refused.code); process.exit(0); });
socket.send("x", 53, "192.0.2.1", (refused) => {
  console.log(refused ? "CONTAINED " + refused.code : "ESCAPED sent");
  process.exit(refused ? 0 : 66);
});

// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: start programs of the host with Node.js
// expect: contained
// control: MountNamespace
// off: mountns
// without: Kernel
const { execSync } = require("child_process");
let found = "nothing";
for (const command of ["cat /etc/shadow", "ls /root", "cat /gabion/plan/plan.json", "id -u | grep -x 0"]) {
  try {
    found = execSync(command, { stdio: ["ignore", "pipe", "ignore"] }).toString();
    console.log("ESCAPED", command, found.slice(0, 40));
    process.exit(66);
  } catch (refused) {
    found = refused.status;
  }
}
console.log("CONTAINED", found);

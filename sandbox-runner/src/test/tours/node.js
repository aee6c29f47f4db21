// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// What Node.js makes of the kernel: each call that the profile node adds to the base is made here.
const fs = require('fs'), os = require('os'), child = require('child_process');
const { Worker } = require('worker_threads');

fs.writeFileSync('a.txt', 'hello');
fs.copyFileSync('a.txt', 'b.txt');
fs.copyFileSync('/usr/lib/os-release', 'os-release'); // from another file system
const fd = fs.openSync('c.txt', 'w+');
fs.writevSync(fd, [Buffer.from('x'), Buffer.from('y')], 0);
fs.readvSync(fd, [Buffer.alloc(1), Buffer.alloc(1)], 0);
fs.fdatasyncSync(fd);
fs.closeSync(fd);
os.getPriority();
os.cpus();
os.uptime();
console.log(child.execFileSync(process.execPath, ['-p', '"from a child"']).toString().trim());

const watcher = fs.watch('.', () => {});
setTimeout(() => watcher.close(), 20);

fs.writeFileSync('child.js', "process.on('message', m => { process.send(m * 2); process.disconnect(); })");
const forked = child.fork('./child.js');
forked.on('message', m => console.log('forked', m));
forked.send(21);

const piped = child.spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], { stdio: ['pipe', 'pipe', 'ignore'] });
piped.stdout.on('data', data => console.log('piped', data.toString()));
piped.stdin.end('through a pipe');

const worker = new Worker("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true });
worker.on('message', m => { console.log('worker', m); });

const shared = new Int32Array(new SharedArrayBuffer(4));
Atomics.wait(shared, 0, 0, 5);
process.on('SIGUSR2', () => {});
process.kill(process.pid, 'SIGUSR2');
console.log(new Intl.DateTimeFormat('en').format(new Date(0)), new RegExp('a+').test('aaa'));
process.on('exit', () => console.log('toured'));

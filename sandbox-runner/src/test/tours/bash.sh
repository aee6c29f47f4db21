# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# What bash and the tools beside it make of the kernel: each call that the profile bash adds to the base is made here.
set -euo pipefail
seq 1 1000 | sort -R --parallel=2 | sort -n | awk '{ s += $1 } END { print s }'
seq 1 200000 | sort -R -S 1M --parallel=2 | tail -n 1 > /dev/null
cat /etc/passwd | tee copy > /dev/null
cp -a copy copied
cp --reflink=auto copy again
ls -la . > /dev/null
tar cf a.tar copy && gzip a.tar && tar tzf a.tar.gz
dd if=/dev/zero of=zero bs=4096 count=4 conv=fsync oflag=direct 2> /dev/null || dd if=/dev/zero of=zero bs=4096 count=4 conv=fsync 2> /dev/null
dd if=zero of=/dev/null iflag=nocache 2> /dev/null
truncate -s 8192 zero
sync copy
sync
mkfifo fifo
(echo through > fifo) & cat fifo
timeout 5 true
timeout 0.01 sleep 5 || true
(sleep 0.2; echo more >> followed) & touch followed; timeout 0.5 tail -f followed || true
nproc > /dev/null
nice > /dev/null
ulimit -a > /dev/null
times > /dev/null
trap 'echo trapped' USR1; kill -USR1 $$
mktemp -d > where; test -d "$(cat where)"
date -u +%Y | grep -c '^20'
find . -name copy -newer /etc/passwd | xargs -P 2 -n 1 wc -c > /dev/null
diff <(seq 3) <(seq 3) || true
coproc cat; echo in >&"${COPROC[1]}"; exec {COPROC[1]}>&-; wait
(echo y; sleep 0.1) | { read -r -t 1 x; echo "$x"; }
split -n 3 zero part; shuf -n 1 copy > /dev/null; stat -f . > /dev/null; df . > /dev/null; ln -s copy link; readlink -f link > /dev/null
install -m 600 copy installed; touch -d 2020-01-01 installed; chmod +x installed; rm -rf part*
echo toured

// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gabion.api.v1alpha1.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What people really run gets through the filters: numeric Python with a chart, Node, a pipeline of a shell, threads in C. */
@Timeout(120)
class RealProgramsIT {

    @Test
    void pandasAndMatplotlib() {
        assumeTrue(
                Files.isDirectory(Path.of("/usr/lib/python3/dist-packages/pandas"))
                        && Files.isDirectory(Path.of("/usr/lib/python3/dist-packages/matplotlib")),
                "no python3-pandas or python3-matplotlib here (test-packages.txt)");
        Jobs.Run run = Jobs.python("""
                import numpy as np, pandas as pd
                import matplotlib
                matplotlib.use('Agg')
                import matplotlib.pyplot as plt
                frame = pd.DataFrame({'x': np.arange(1000), 'y': np.random.default_rng(1).normal(size=1000).cumsum()})
                print(frame.describe().loc['count', 'y'], np.linalg.norm(np.ones((300, 300)) @ np.ones((300, 300))))
                frame.to_csv('data.csv')
                frame.plot(x='x', y='y')
                plt.savefig('plot.png')
                """)
                .profile("python-scientific")
                .env("OPENBLAS_NUM_THREADS", "4")
                .memory(512 * Jobs.MI)
                .cpu(40_000)
                .wall(60_000)
                .outputs("*.png", "*.csv")
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).startsWith("1000.0 90000.0");
        assertThat(run.kept()).containsOnlyKeys("plot.png", "data.csv");
        assertThat(new String(run.kept().get("plot.png"), 1, 3, StandardCharsets.US_ASCII))
                .isEqualTo("PNG");
    }

    @Test
    void nodeWithFilesTimersAndAWorker() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/node")), "no /usr/bin/node here (test-packages.txt)");
        Jobs.Run run = Jobs.node("""
                const fs = require('fs'), { Worker } = require('worker_threads'), { execSync } = require('child_process');
                fs.writeFileSync('a.txt', 'hello');
                console.log(fs.readFileSync('a.txt', 'utf8'), execSync('echo from a child').toString().trim());
                const w = new Worker("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true });
                w.on('message', m => { console.log('worker', m); setTimeout(() => console.log('done'), 20); });
                """).memory(512 * Jobs.MI).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("hello from a child\nworker 42\ndone\n");
    }

    @Test
    void aShellPipeline() {
        Jobs.Run run = Jobs.bash("""
                set -euo pipefail
                seq 1 1000 | sort -R | sort -n | awk '{ s += $1 } END { print s }'
                tar cf a.tar main.sh && tar tf a.tar
                mktemp -d > where; test -d "$(cat where)"
                date -u +%Y | grep -c '^20'
                """).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("500500\nmain.sh\n1\n");
    }

    @Test
    void pythonWithProcessesThreadsAndACompressedFile() {
        Jobs.Run run = Jobs.python("""
                import multiprocessing, concurrent.futures, gzip, json, sqlite3, subprocess, tempfile, random, hashlib
                def square(x): return x * x
                if __name__ == '__main__':
                    with multiprocessing.Pool(2) as pool: print(pool.map(square, range(5)))
                    with concurrent.futures.ThreadPoolExecutor(4) as threads: print(sum(threads.map(square, range(100))))
                    with gzip.open('a.gz', 'wt') as f: json.dump({'a': 1}, f)
                    print(json.load(gzip.open('a.gz')))
                    db = sqlite3.connect('a.db'); db.execute('create table t (x)'); db.commit()
                    print(subprocess.run(['uname', '-s'], capture_output=True, text=True).stdout.strip())
                    with tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').close()
                    print(random.random() < 1, len(hashlib.sha256(b'').hexdigest()))
                """).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("[0, 1, 4, 9, 16]\n328350\n{'a': 1}\nLinux\nTrue 64\n");
    }

    @Test
    void threadsInC() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no /usr/bin/gcc here (test-packages.txt)");
        Jobs.Run run = Jobs.c("""
                #include <pthread.h>
                #include <stdio.h>
                #include <stdlib.h>
                static long sums[4];
                static void *sum(void *at) { long *s = at; for (int i = 0; i < 1000; i++) *s += i; return malloc(1 << 20); }
                int main(void) {
                    pthread_t threads[4];
                    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, sum, &sums[i]);
                    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
                    printf("%ld\\n", sums[0] + sums[1] + sums[2] + sums[3]);
                    return 0;
                }
                """).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("1998000\n");
    }
}

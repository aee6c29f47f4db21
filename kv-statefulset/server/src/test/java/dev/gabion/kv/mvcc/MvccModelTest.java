// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.kv.EtcdError;
import dev.gabion.kv.EtcdException;
import dev.gabion.kv.proto.KeyValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * The store against the most naive one: a whole copy of the state for each revision. After every step each readable revision
 * is read, and what is not readable is refused; a reader that came before a compaction reads on.
 */
class MvccModelTest {
    private static final List<String> KEYS = List.of("a", "aa", "b", "c");

    sealed interface Step {
        record Put(String key, int length) implements Step {}

        record Delete(String from, @Nullable String until) implements Step {}

        /** A revision counted back from the newest. */
        record Compact(int back) implements Step {}

        record Purge() implements Step {}

        /** Two writes in one entry of the log. */
        record Both(Put first, Delete second) implements Step {}

        /** Closed in an orderly way and opened again. */
        record Reopen() implements Step {}
    }

    private record Value(long create, long mod, long version, int length) {}

    private static final class Model {
        final Map<Long, NavigableMap<String, Value>> states = new HashMap<>();
        long revision = 1;
        long compacted = -1;

        Model() {
            states.put(1L, new TreeMap<>());
        }

        NavigableMap<String, Value> at(long at) {
            NavigableMap<String, Value> state = states.get(at);
            if (state == null) {
                throw new IllegalArgumentException("no revision " + at);
            }
            return state;
        }

        void put(Step.Put put) {
            NavigableMap<String, Value> next = new TreeMap<>(at(revision));
            Value before = next.get(put.key());
            revision++;
            next.put(
                    put.key(),
                    before == null
                            ? new Value(revision, revision, 1, put.length())
                            : new Value(before.create(), revision, before.version() + 1, put.length()));
            states.put(revision, next);
        }

        void delete(Step.Delete delete) {
            NavigableMap<String, Value> next = new TreeMap<>(at(revision));
            String until = delete.until();
            boolean changed = next.keySet()
                    .removeIf(key -> until == null
                            ? key.equals(delete.from())
                            : key.compareTo(delete.from()) >= 0 && key.compareTo(until) < 0);
            if (changed) {
                states.put(++revision, next);
            }
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Step.Put> put = Combinators.combine(
                        Arbitraries.of(KEYS), Arbitraries.of(0, 5, Layout.INLINE_LIMIT, Layout.INLINE_LIMIT + 1))
                .as(Step.Put::new);
        Arbitrary<Step.Delete> delete = Combinators.combine(
                        Arbitraries.of(KEYS), Arbitraries.of(KEYS).injectNull(0.5))
                .as(Step.Delete::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(10, put.map(p -> (Step) p)),
                        Tuple.of(4, delete.map(d -> (Step) d)),
                        Tuple.of(3, Combinators.combine(put, delete).as((p, d) -> (Step) new Step.Both(p, d))),
                        Tuple.of(2, Arbitraries.of(0, 1, 2, 5).map(back -> (Step) new Step.Compact(back))),
                        Tuple.of(2, Arbitraries.just((Step) new Step.Purge())),
                        Tuple.of(1, Arbitraries.just((Step) new Step.Reopen())))
                .list()
                .ofMinSize(5)
                .ofMaxSize(40);
    }

    @Property(tries = 30, edgeCases = EdgeCasesMode.NONE)
    void readsAsTheNaiveStoreAtEveryRevision(@ForAll("steps") List<Step> steps) throws Exception {
        Path directory = Files.createTempDirectory("gabion-mvcc");
        Model model = new Model();
        long index = 0;
        MvccStore store = MvccStore.open(RocksBackend.open(directory, 1 << 20, 1 << 20));
        try {
            for (Step step : steps) {
                View before = store.view();
                long revisionBefore = model.revision;
                long compactedBefore = model.compacted;
                switch (step) {
                    case Step.Purge purge -> store.purge();
                    case Step.Reopen reopen -> {
                        before.close();
                        store.close();
                        store = MvccStore.open(RocksBackend.open(directory, 1 << 20, 1 << 20));
                        before = store.view();
                        assertThat(store.appliedIndex()).isEqualTo(index == 0 ? -1 : index);
                    }
                    default -> apply(store, model, step, ++index);
                }
                try (View now = store.view()) {
                    check(now, model, model.revision, model.compacted);
                }
                check(before, model, revisionBefore, compactedBefore);
                before.close();
            }
        } finally {
            store.close();
            delete(directory);
        }
    }

    private static void apply(MvccStore store, Model model, Step step, long index) {
        try (Session session = store.begin(1, index)) {
            switch (step) {
                case Step.Put put -> put(session, model, put);
                case Step.Delete delete -> delete(session, model, delete);
                case Step.Both both -> {
                    put(session, model, both.first());
                    delete(session, model, both.second());
                }
                case Step.Compact compact -> {
                    long at = model.revision - compact.back();
                    EtcdError refusal = null;
                    session.begin();
                    try {
                        session.compact(at);
                    } catch (EtcdException e) {
                        refusal = e.error();
                    }
                    session.end();
                    assertThat(refusal).isEqualTo(at <= model.compacted ? EtcdError.COMPACTED : null);
                    model.compacted = Math.max(model.compacted, at);
                }
                case Step.Purge purge -> throw new IllegalArgumentException();
                case Step.Reopen reopen -> throw new IllegalArgumentException();
            }
            session.commit();
        }
    }

    private static void put(Session session, Model model, Step.Put put) {
        session.begin();
        session.put(bytes(put.key()), new byte[put.length()], 0);
        session.end();
        model.put(put);
        check(session, model, model.revision, model.compacted);
    }

    private static void delete(Session session, Model model, Step.Delete delete) {
        session.begin();
        String until = delete.until();
        session.deleteRange(bytes(delete.from()), until == null ? null : bytes(until));
        session.end();
        model.delete(delete);
        check(session, model, model.revision, model.compacted);
    }

    private static void check(Reading reading, Model model, long revision, long compacted) {
        assertThat(reading.revision()).isEqualTo(revision);
        for (long at = Math.max(compacted, 1); at <= revision; at++) {
            List<String> expected = new ArrayList<>();
            long asked = at;
            model.at(at).forEach((key, value) -> expected.add(key + value));
            RangeResult all = reading.range(bytes("a"), new byte[0], asked, 0, false);
            assertThat(all.kvs().stream().map(MvccModelTest::text).toList())
                    .as("all at %d", asked)
                    .isEqualTo(expected);
            assertThat(reading.range(bytes("a"), new byte[0], asked, 1, false).count())
                    .isEqualTo(expected.size());
            assertThat(reading.range(bytes("a"), new byte[0], asked, 0, true).count())
                    .isEqualTo(expected.size());
            for (String key : KEYS) {
                Value value = model.at(at).get(key);
                assertThat(reading.range(bytes(key), null, asked, 0, false).kvs().stream()
                                .map(MvccModelTest::text)
                                .toList())
                        .as("%s at %d", key, asked)
                        .isEqualTo(value == null ? List.of() : List.of(key + value));
            }
        }
        assertThat(refusal(reading, revision + 1)).isEqualTo(EtcdError.FUTURE_REV);
        if (compacted > 1) {
            assertThat(refusal(reading, compacted - 1)).isEqualTo(EtcdError.COMPACTED);
        }
    }

    private static @Nullable EtcdError refusal(Reading reading, long at) {
        try {
            reading.range(bytes("a"), null, at, 0, false);
            return null;
        } catch (EtcdException e) {
            return e.error();
        }
    }

    private static String text(KeyValue kv) {
        return kv.getKey().toStringUtf8()
                + new Value(
                        kv.getCreateRevision(),
                        kv.getModRevision(),
                        kv.getVersion(),
                        kv.getValue().size());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

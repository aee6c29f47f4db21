// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What one replica of the operator told Prometheus at one moment, read by Prometheus' own parser. */
public record Scrape(List<Sample> samples) {
    private static final String PARSER =
            TestCluster.source("e2e", "src", "test", "python", "metrics.py").toString();

    /** One line of it, with the type of its family. */
    public record Sample(String type, String name, Map<String, String> labels, String value) {
        /** The value as a number. */
        public double number() {
            return Double.parseDouble(value.equals("inf") ? "Infinity" : value);
        }
    }

    /** Scrapes a replica through the API server. */
    public static Scrape of(TestCluster cluster, String pod) {
        String text = cluster.kubectl(
                "get", "--raw", "/api/v1/namespaces/" + TestCluster.SYSTEM + "/pods/" + pod + ":8080/proxy/q/metrics");
        try {
            Path file = Files.createTempFile("gabion-metrics", ".txt");
            Files.writeString(file, text);
            String json = Shell.check(Duration.ofSeconds(30), List.of("sh", "-c", PARSER + " < " + file));
            Files.delete(file);
            return new Scrape(List.of(Serialization.unmarshal(json, Sample[].class)));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** All samples of that name with at least these labels. */
    public List<Sample> all(String name, Map<String, String> labels) {
        return samples.stream()
                .filter(sample -> sample.name().equals(name))
                .filter(sample -> sample.labels().entrySet().containsAll(labels.entrySet()))
                .toList();
    }

    /** The sum of these; 0 if there is none. */
    public double sum(String name, Map<String, String> labels) {
        return all(name, labels).stream().mapToDouble(Sample::number).sum();
    }
}

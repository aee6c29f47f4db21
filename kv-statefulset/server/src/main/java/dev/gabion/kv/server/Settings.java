// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * etcd's flags, as far as they mean something here. A flag may be given as {@code --name value}, {@code --name=value} or by
 * the variable {@code ETCD_NAME}; the command line wins.
 *
 * @param members name to peer address of all members at the beginning
 */
public record Settings(
        String name,
        Path dataDir,
        List<URI> listenClientUrls,
        List<URI> advertiseClientUrls,
        URI listenPeerUrl,
        URI advertisePeerUrl,
        Map<String, URI> members,
        String clusterToken,
        Duration heartbeat,
        Duration election,
        int maxRequestBytes,
        int maxTxnOps,
        Duration watchProgressInterval) {

    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("name", "default"),
            Map.entry("data-dir", ""),
            Map.entry("listen-client-urls", "http://localhost:2379"),
            Map.entry("advertise-client-urls", "http://localhost:2379"),
            Map.entry("listen-peer-urls", "http://localhost:2380"),
            Map.entry("initial-advertise-peer-urls", "http://localhost:2380"),
            Map.entry("initial-cluster", ""),
            Map.entry("initial-cluster-token", "etcd-cluster"),
            Map.entry("initial-cluster-state", "new"),
            Map.entry("heartbeat-interval", "100"),
            Map.entry("election-timeout", "1000"),
            Map.entry("max-request-bytes", "1572864"),
            Map.entry("max-txn-ops", "128"),
            Map.entry("watch-progress-notify-interval", "10m"));

    /** Something that was asked for and cannot be done, told to a person. */
    public static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    public Settings {
        listenClientUrls = List.copyOf(listenClientUrls);
        advertiseClientUrls = List.copyOf(advertiseClientUrls);
        members = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    public static Set<String> flags() {
        return DEFAULTS.keySet();
    }

    public static Settings parse(List<String> arguments, Map<String, String> environment) {
        Map<String, String> values = new LinkedHashMap<>(DEFAULTS);
        DEFAULTS.keySet().forEach(flag -> {
            String variable = "ETCD_" + flag.toUpperCase(Locale.ROOT).replace('-', '_');
            String value = environment.get(variable);
            if (value != null && !value.isEmpty()) {
                values.put(flag, value);
            }
        });
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("-")) {
                throw new UsageException("'" + argument + "' is not a flag");
            }
            String flag = argument.replaceFirst("^--?", "");
            int equals = flag.indexOf('=');
            String value;
            if (equals >= 0) {
                value = flag.substring(equals + 1);
                flag = flag.substring(0, equals);
            } else if (i + 1 < arguments.size()) {
                value = arguments.get(++i);
            } else {
                throw new UsageException("flag needs an argument: --" + flag);
            }
            if (!DEFAULTS.containsKey(flag)) {
                throw new UsageException("unknown flag: --" + flag + "; known are --"
                        + String.join(
                                ", --", DEFAULTS.keySet().stream().sorted().toList()));
            }
            values.put(flag, value);
        }
        return of(values);
    }

    private static Settings of(Map<String, String> values) {
        String name = value(values, "name");
        URI advertisePeer = single(values, "initial-advertise-peer-urls");
        String initial = value(values, "initial-cluster");
        Map<String, URI> members = new LinkedHashMap<>();
        for (String part : (initial.isEmpty() ? name + "=" + advertisePeer : initial).split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--initial-cluster: '" + part + "' is not NAME=URL");
            }
            URI url = url("initial-cluster", part.substring(equals + 1));
            if (members.put(part.substring(0, equals), url) != null) {
                throw new UsageException("--initial-cluster: one peer URL for each member, but "
                        + part.substring(0, equals) + " has two");
            }
        }
        if (!advertisePeer.equals(members.get(name))) {
            throw new UsageException("--initial-cluster must have " + name + "=" + advertisePeer
                    + " as advertised in --initial-advertise-peer-urls; it has " + members);
        }
        if (!"new".equals(value(values, "initial-cluster-state"))) {
            throw new UsageException("--initial-cluster-state: only 'new' is there so far");
        }
        String dataDir = value(values, "data-dir");
        return new Settings(
                name,
                Path.of(dataDir.isEmpty() ? name + ".etcd" : dataDir),
                urls(values, "listen-client-urls"),
                urls(values, "advertise-client-urls"),
                single(values, "listen-peer-urls"),
                advertisePeer,
                members,
                value(values, "initial-cluster-token"),
                Duration.ofMillis(number(values, "heartbeat-interval", 1, 60_000)),
                Duration.ofMillis(number(values, "election-timeout", 5, 50_000)),
                (int) number(values, "max-request-bytes", 1, 3 << 20),
                (int) number(values, "max-txn-ops", 1, 1 << 20),
                duration(values, "watch-progress-notify-interval"));
    }

    private static String value(Map<String, String> values, String flag) {
        String value = values.get(flag);
        if (value == null) {
            throw new IllegalArgumentException(flag);
        }
        return value;
    }

    private static List<URI> urls(Map<String, String> values, String flag) {
        List<URI> urls = new ArrayList<>();
        for (String part : value(values, flag).split(",", -1)) {
            urls.add(url(flag, part));
        }
        return urls;
    }

    private static URI single(Map<String, String> values, String flag) {
        List<URI> urls = urls(values, flag);
        if (urls.size() != 1) {
            throw new UsageException("--" + flag + ": one URL, not " + urls.size());
        }
        return urls.getFirst();
    }

    private static URI url(String flag, String text) {
        try {
            URI url = new URI(text.strip());
            if ("http".equals(url.getScheme()) && url.getHost() != null && url.getPort() > 0) {
                return url;
            }
        } catch (java.net.URISyntaxException e) {
            throw new UsageException("--" + flag + ": '" + text + "': " + e.getMessage());
        }
        throw new UsageException("--" + flag + ": '" + text + "' is not http://HOST:PORT (TLS is not there yet)");
    }

    private static long number(Map<String, String> values, String flag, long least, long most) {
        String text = value(values, flag);
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new UsageException("--" + flag + ": '" + text + "' is not a number");
        }
        throw new UsageException("--" + flag + ": " + text + " is not between " + least + " and " + most);
    }

    /** Go's way to write a duration, as far as flags use it: 10m, 5s, 1h30m. */
    private static Duration duration(Map<String, String> values, String flag) {
        String text = value(values, flag);
        try {
            return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
        } catch (java.time.format.DateTimeParseException e) {
            throw new UsageException("--" + flag + ": '" + text + "' is not a duration like 10m or 1h30m");
        }
    }

    /** Seconds: three halves of an election, rounded up, as in etcd. */
    long shortestLease() {
        long ticks = election.toMillis() / heartbeat.toMillis();
        long millis = (3 * ticks / 2) * heartbeat.toMillis();
        return (millis + 999) / 1000;
    }
}

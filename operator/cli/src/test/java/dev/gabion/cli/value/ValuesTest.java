// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    @ParameterizedTest
    @CsvSource({"1500,1500", "500ms,500", "2s,2000", "1.5s,1500", "2m,120000", "1h,3600000", "0.001s,1"})
    void readsTimes(String text, long milliseconds) {
        assertThat(Values.milliseconds(text, 1, 86_400_000)).isEqualTo(milliseconds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "2 s", "-1", "0", "2x", "1.5", "0.5ms", "25h", "99999999999", "1e3", "١s"})
    void refusesWhatIsNoTime(String text) {
        assertThatThrownBy(() -> Values.milliseconds(text, 1, 86_400_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not allowed here; give a time from 1 to 86400000 milliseconds,"
                        + " such as 1500, 500ms, 1.5s, 2m or 1h");
    }

    @ParameterizedTest
    @CsvSource({"4096,4096", "64Ki,65536", "1Mi,1048576", "1.5Mi,1572864", "1G,1000000000", "2Gi,2147483648", "3k,3000"
    })
    void readsSizes(String text, long bytes) {
        assertThat(Values.bytes(text, 1, 1L << 40)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "64MiB", "64 Mi", "-1Mi", "1.1", "2Ti", "0x10"})
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> Values.bytes(text, 1, 1L << 40))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not allowed here; give a size from 1 to 1Ti");
    }

    @Test
    void keepsTheUsersWordsInQuantities() {
        assertThat(Values.quantity("64Mi", 1 << 20, 1L << 40).toString()).isEqualTo("64Mi");
        assertThat(Values.cpu("500m").toString()).isEqualTo("500m");
        assertThat(Values.cpu("0.5").getNumericalAmount()).isEqualByComparingTo("0.5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "9m", "0", "257", "1.5m", "one", "0.0001"})
    void refusesWhatIsNoCpuRate(String text) {
        assertThatThrownBy(() -> Values.cpu(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give a number of cores from 10m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "32769", "1.0", "-1", "9999999999"})
    void refusesWhatIsNoCount(String text) {
        assertThatThrownBy(() -> Values.count(text, 1, 32_768))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not allowed here; give a whole number from 1 to 32768");
    }

    @ParameterizedTest
    @CsvSource({
        "0,0 B",
        "1023,1023 B",
        "1024,1.0 KiB",
        "9542041,9.1 MiB",
        "67108864,64.0 MiB",
        "1099511627776,1.0 TiB",
        "1048575,1.0 MiB"
    })
    void showsBytes(long bytes, String shown) {
        assertThat(Values.humanBytes(bytes)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"0,0 ms", "999,999 ms", "1240,1.24 s", "59990,59.99 s", "123000,2 m 03 s"})
    void showsTimes(long milliseconds, String shown) {
        assertThat(Values.humanMilliseconds(milliseconds)).isEqualTo(shown);
    }
}

import CairnCore
import CairnIncident
import Testing

struct TimeSpanTextTests {
    @Test(
        arguments: [
            ("15m", 900_000_000_000), ("24h", 86_400_000_000_000), ("7d", 604_800_000_000_000),
            ("1h30m", 5_400_000_000_000), ("250ms", 250_000_000), ("1.5s", 1_500_000_000),
            ("0", 0), ("0s", 0), ("-2m", -120_000_000_000), ("2w1d", 1_296_000_000_000_000),
            ("0.25h", 900_000_000_000), ("1.000000000000s", 1_000_000_000),
            ("3us7ns", 3_007), ("106751d", 9_223_286_400_000_000_000),
        ]
    )
    func `a span is read`(text: String, nanoseconds: Int64) throws {
        #expect(try TimeSpan(text: text) == TimeSpan(nanoseconds: nanoseconds))
    }

    @Test(
        arguments: [
            ("", TimeSpan.FormatError.notASpan), ("m", .notASpan), ("-", .notASpan),
            ("15", .missingUnit), ("1h30", .missingUnit), ("15x", .notASpan), ("15 m", .notASpan),
            ("15M", .notASpan), ("30m1h", .unitsOutOfOrder), ("1m1m", .unitsOutOfOrder),
            ("1.m", .notASpan), (".5m", .notASpan), ("1.2.3s", .notASpan), ("0.5ns", .outOfRange),
            ("106752d", .outOfRange), ("99999999999999999999d", .outOfRange),
        ]
    )
    func `what is no span is refused with its reason`(
        text: String,
        expected: TimeSpan.FormatError
    ) {
        #expect(throws: expected) { try TimeSpan(text: text) }
    }

    @Test(
        arguments: [
            (0, "0s"), (999, "999ns"), (15_999, "15us"), (250_000_000, "250ms"),
            (12_250_000_000, "12.25s"), (59_999_999_999, "59.999s"), (60_000_000_000, "1m"),
            (7_500_000_000_000, "2h 5m"), (3_600_000_000_000, "1h"), (3_601_000_000_000, "1h"),
            (90_061_000_000_000, "1d 1h"), (-7_500_000_000_000, "-2h 5m"),
            (Int64.min, "-106751d 23h"),
        ]
    )
    func `a span is written for people`(nanoseconds: Int64, expected: String) {
        #expect(TimeSpan(nanoseconds: nanoseconds).human == expected)
    }

    @Test(
        arguments: [
            (0, "0"), (7_500_250_000_000, "7500.25"), (-1, "-0.000000001"),
            (Int64.max, "9223372036.854775807"),
        ]
    )
    func `seconds are an exact decimal`(nanoseconds: Int64, expected: String) {
        #expect(TimeSpan(nanoseconds: nanoseconds).secondsText == expected)
    }
}

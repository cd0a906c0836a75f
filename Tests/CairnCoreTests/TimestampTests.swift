import CairnCore
import CairnTesting
import Testing

struct TimestampTests {
    @Test func `every instant reads back from its own text`() throws {
        var generator = CairnTesting.SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            // Shifting spreads the instants over all magnitudes, near the epoch and far from it.
            let nanoseconds = Int64(bitPattern: generator.next()) >> generator.draw(0...62)
            let instant = Timestamp(nanoseconds: nanoseconds)
            #expect(try Timestamp(rfc3339: instant.rfc3339) == instant, "\(nanoseconds)")
        }
    }

    @Test func `texts sort as their instants do`() {
        var generator = CairnTesting.SeededGenerator(seed: 12)
        let instants = (0..<2_000).map { _ in
            Timestamp(nanoseconds: Int64(bitPattern: generator.next()) / 1_000 * 1_000)
        }
        let sorted = instants.sorted().map(\.rfc3339)
        #expect(sorted == sorted.sorted())
    }

    static let known: [(text: String, nanoseconds: Int64, canonical: String)] = [
        ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000000Z"),
        ("1969-12-31T23:59:59.999999999Z", -1, "1969-12-31T23:59:59.999999999Z"),
        ("2000-02-29t12:00:00.5z", 951_825_600_500_000_000, "2000-02-29T12:00:00.500000Z"),
        ("2026-01-01 00:00:00+00", 1_767_225_600_000_000_000, "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01 05:30:00+05:30", 1_767_225_600_000_000_000, "2026-01-01T00:00:00.000000Z"),
        ("2025-12-31T16:00:00-0800", 1_767_225_600_000_000_000, "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01T23:59:00+23:59", 1_767_225_600_000_000_000, "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01T00:00:00,25Z", 1_767_225_600_250_000_000, "2026-01-01T00:00:00.250000Z"),
        ("1970-01-01T00:00:00.0000000019Z", 1, "1970-01-01T00:00:00.000000001Z"),
        ("1970-01-01T00:00:00.1234567Z", 123_456_700, "1970-01-01T00:00:00.123456700Z"),
        ("2016-12-31T23:59:60Z", 1_483_228_799_999_999_999, "2016-12-31T23:59:59.999999999Z"),
        ("2016-12-31T23:59:60.5Z", 1_483_228_799_999_999_999, "2016-12-31T23:59:59.999999999Z"),
        ("1677-09-21T00:12:44Z", -9_223_372_036_000_000_000, "1677-09-21T00:12:44.000000Z"),
        ("2262-04-11T23:47:16.854775807Z", .max, "2262-04-11T23:47:16.854775807Z"),
        ("1900-02-28T23:59:59Z", -2_203_891_201_000_000_000, "1900-02-28T23:59:59.000000Z"),
    ]

    @Test(arguments: known)
    func `a known text is a known instant`(
        text: String,
        nanoseconds: Int64,
        canonical: String
    ) throws {
        let instant = try Timestamp(rfc3339: text)
        #expect(instant.nanoseconds == nanoseconds)
        #expect(instant.rfc3339 == canonical)
    }

    @Test func `the earliest instant reads back from its own text`() {
        // Its whole seconds alone are below the range, though with their fraction they are not.
        let text = Timestamp.distantPast.rfc3339
        #expect(text == "1677-09-21T00:12:43.145224192Z")
        #expect((try? Timestamp(rfc3339: text)) == .distantPast)
    }

    static let refused: [(text: String, reason: Timestamp.FormatError)] = [
        ("", .notRFC3339), ("2026", .notRFC3339), ("2026-01-01", .notRFC3339),
        ("2026-01-01T00:00Z", .notRFC3339), ("2026-01-01T00:00:00.Z", .notRFC3339),
        ("26-01-01T00:00:00Z", .notRFC3339), ("2026-1-01T00:00:00Z", .notRFC3339),
        ("2026/01/01T00:00:00Z", .notRFC3339), ("2026-01-01x00:00:00Z", .notRFC3339),
        ("2026-01-01T00:00:00ZZ", .notRFC3339), ("2026-01-01T00:00:00Z ", .notRFC3339),
        (" 2026-01-01T00:00:00Z", .notRFC3339), ("2026-01-01T00:00:00+1", .notRFC3339),
        ("2026-01-01T00:00:00+01:0", .notRFC3339), ("2026-01-01T00:00:00+01:00:00", .notRFC3339),
        ("2026-01-01T00:00:00+0:100", .notRFC3339), ("2026-01-01T00:00:00*01:00", .notRFC3339),
        ("+026-01-01T00:00:00Z", .notRFC3339), ("-026-01-01T00:00:00Z", .notRFC3339),
        ("\u{0662}026-01-01T00:00:00Z", .notRFC3339), ("today", .notRFC3339),
        ("2026-01-01T00:00:00", .missingZone), ("2026-01-01 00:00:00.123456", .missingZone),
        ("2026-00-01T00:00:00Z", .outOfRange), ("2026-13-01T00:00:00Z", .outOfRange),
        ("2026-01-00T00:00:00Z", .outOfRange), ("2026-01-32T00:00:00Z", .outOfRange),
        ("2026-02-29T00:00:00Z", .outOfRange), ("1900-02-29T00:00:00Z", .outOfRange),
        ("2026-04-31T00:00:00Z", .outOfRange), ("2026-01-01T24:00:00Z", .outOfRange),
        ("2026-01-01T00:60:00Z", .outOfRange), ("2026-01-01T00:00:61Z", .outOfRange),
        ("2026-01-01T00:00:00+24:00", .outOfRange), ("2026-01-01T00:00:00+00:60", .outOfRange),
        ("1677-09-21T00:12:42Z", .outOfRange), ("2262-04-11T23:47:17Z", .outOfRange),
        ("2262-04-11T23:47:16.854775808Z", .outOfRange), ("0000-01-01T00:00:00Z", .outOfRange),
        ("9999-12-31T23:59:59Z", .outOfRange),
    ]

    @Test(arguments: refused)
    func `a text that is no instant says why`(text: String, reason: Timestamp.FormatError) {
        #expect(throws: reason) { try Timestamp(rfc3339: text) }
    }

    @Test func `random texts are read or refused and never stop the program`() {
        var generator = CairnTesting.SeededGenerator(seed: 13)
        let letters = Array("0123456789-:.TZtz +,\u{20AC}")
        let valid = Array("2026-01-01T00:00:00.123456+01:00")
        for _ in 0..<20_000 {
            var text = valid
            for _ in 0...generator.below(3) {
                switch generator.below(3) {
                case 0: text[generator.below(text.count)] = generator.pick(letters)
                case 1: text.remove(at: generator.below(text.count))
                default: text.insert(generator.pick(letters), at: generator.below(text.count))
                }
            }
            if let instant = try? Timestamp(rfc3339: String(text)) {
                #expect((try? Timestamp(rfc3339: instant.rfc3339)) == instant)
            }
        }
    }

    @Test func `adding and subtracting stay at the ends of the range`() {
        let second = TimeSpan.seconds(1)
        #expect(Timestamp.distantFuture.adding(second) == .distantFuture)
        #expect(Timestamp.distantPast.adding(second.negated) == .distantPast)
        #expect(Timestamp.unixEpoch.adding(second).nanoseconds == 1_000_000_000)
        #expect(Timestamp.distantFuture.since(.distantPast) == TimeSpan(nanoseconds: .max))
        #expect(Timestamp.distantPast.since(.distantFuture) == TimeSpan(nanoseconds: .min))
        #expect(TimeSpan.seconds(.max) == TimeSpan(nanoseconds: .max))
        #expect(TimeSpan.milliseconds(.min) == TimeSpan(nanoseconds: .min))
        #expect(TimeSpan(nanoseconds: .min).negated == TimeSpan(nanoseconds: .max))
    }
}

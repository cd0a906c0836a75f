import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import Testing

/// Expectations that PostgreSQL 15 gave for the same numbers.
struct TotalsTests {
    @Test(
        arguments: [
            ([1, 2], "1.5000000000000000", "1.5"),
            ([1, 1, 2], "1.3333333333333333", "1.3333333333333333"),
            ([0, 0], "0.00000000000000000000", "0"),
            ([-1, -2, -2], "-1.6666666666666667", "-1.6666666666666667"),
            ([10_000, 10_001, 9_999], "10000.0000000000000000", "10000"),
            ([123_456_789, 1, 1], "41152263.666666666667", "41152263.666666666667"),
            ([5, 7, 100, 3, 12, 9], "22.6666666666666667", "22.6666666666666667"),
            (
                [999_999_999_999_999_999, 999_999_999_999_999_999, 1_000_000_000_000_000_000],
                "999999999999999999", "999999999999999999"
            ),
            ([.max, .max, .max - 1], "9223372036854775807", "9223372036854775807"),
        ] as [([Int64], String, String)]
    )
    func `a mean reads as PostgreSQL prints it`(
        values: [Int64],
        postgresText: String,
        text: String
    ) {
        let mean = ExactMean(
            sum: values.reduce(0) { $0 + Int128($1) },
            count: Int64(values.count)
        )
        #expect(mean.postgresText == postgresText)
        #expect(mean.description == text)
    }

    @Test func `a mean far below one keeps its digits`() {
        let mean = ExactMean(sum: 1, count: 3_000_000)
        #expect(mean.postgresText == "0.000000333333333333333333")
    }

    @Test func `means are compared exactly`() {
        func mean(_ sum: Int128, _ count: Int64) -> ExactMean { ExactMean(sum: sum, count: count) }
        #expect(mean(1, 2) == mean(2, 4))
        #expect(mean(1, 3) < mean(Int128(Int64.max) / 3 + 1, .max))
        #expect(mean(-1, 2) < mean(-1, 3))
        #expect(mean(-7, 2) < mean(-3, 1))
        #expect(mean(10_000_000_000_000_000, 1) < mean(10_000_000_000_000_000_000_001, 1_000_000))
    }

    @Test func `a percentile over many values is the one PostgreSQL gives`() async throws {
        var history = History()
        for index in Int64(1)...9_999 {
            history.add("PAGW-\(index % 50)", "PARSE_OK", .completed, minutes: 0) { event in
                event.durationMilliseconds = (index * index * 7_919) % 100_003
            }
        }
        let view = PipelineView(try await history.journal())
        let row = try #require(try await view.slowest(since: .distantPast).first)
        #expect(row.occurrences == 9_999)
        #expect(row.averageMilliseconds.postgresText == "50278.373637363736")
        #expect(row.percentile95Milliseconds == 95_062.5)
    }

    @Test(
        arguments: [
            ([1, 2], 1.95), ([1, 1, 2], 1.9), ([-1, -2, -2], -1.1), ([0, 0], 0),
            ([10_000, 10_001, 9_999], 10_000.9), ([123_456_789, 1, 1], 111_111_110.19999999),
            ([5, 7, 100, 3, 12, 9], 78), ([7], 7),
        ] as [([Int64], Double)]
    )
    func `a percentile is interpolated as PostgreSQL does`(
        values: [Int64],
        expected: Double
    ) async throws {
        var history = History()
        for value in values {
            history.add("PAGW-1", "PARSE_OK", .completed, minutes: 0) {
                $0.durationMilliseconds = value
            }
        }
        let view = PipelineView(try await history.journal())
        let rows = try await view.slowest(since: .distantPast)
        #expect(rows.map(\.percentile95Milliseconds) == [expected])
    }

    @Test func `groups without a duration have no mean and do not count as slow`() async throws {
        var history = History()
        history.add("PAGW-1", "PARSE_OK", .completed, minutes: 1)
        history.add("PAGW-1", "PARSE_FAIL", .failed, minutes: 2) { $0.durationMilliseconds = 9 }
        let view = PipelineView(try await history.journal())
        let stats = try await view.stats(since: History.time(minutes: 1))
        #expect(stats.map(\.eventType) == ["PARSE_FAIL", "PARSE_OK"])
        #expect(stats.map { $0.averageDurationMilliseconds?.description } == ["9", nil])
        #expect(stats.map(\.durationMillisecondsMax) == [9, nil])
        #expect(try await view.slowest(since: .distantPast).isEmpty)
        #expect(try await view.stats(since: History.time(minutes: 3)).isEmpty)
    }
}

import CairnJournal
import CairnServices
import MetricsTestKit
import Testing

struct JournalMetricsTests {
    @Test func `commits and readers are told under their names`() throws {
        let factory = TestMetrics()
        let metrics = JournalMetrics(factory: factory)
        for count in 1...2 {
            metrics.record(
                CommitFacts(
                    turnCount: count,
                    eventCount: 10,
                    byteCount: 100,
                    commitNanoseconds: 5_000
                )
            )
        }
        metrics.record(ReaderFacts(viewCount: 2, oldestNanoseconds: 12_500_000_000))
        #expect(try factory.expectCounter("cairn_appends").totalValue == 20)
        #expect(try factory.expectCounter("cairn_commits").totalValue == 2)
        #expect(try factory.expectTimer("cairn_commit_latency").values == [5_000, 5_000])
        #expect(try factory.expectRecorder("cairn_batch_turns").values == [1, 2])
        #expect(try factory.expectGauge("cairn_oldest_reader_seconds").lastValue == 12.5)
        metrics.record(ReaderFacts(viewCount: 0, oldestNanoseconds: 0))
        #expect(try factory.expectGauge("cairn_oldest_reader_seconds").lastValue == 0)
    }

    @Test func `what was looked up of a journal is told, and what was not is left as it was`()
        throws
    {
        let factory = TestMetrics()
        let metrics = JournalMetrics(factory: factory)
        metrics.record(
            OperatingNumbers(eventCountOfLastDay: 7, metadataByteCount: 900, stuckCount: 2)
        )
        metrics.record(OperatingNumbers(eventCountOfLastDay: 8))
        #expect(try factory.expectGauge("cairn_events_last_day").lastValue == 8)
        #expect(try factory.expectGauge("cairn_metadata_bytes").lastValue == 900)
        #expect(try factory.expectGauge("cairn_stuck_requests").lastValue == 2)
    }
}

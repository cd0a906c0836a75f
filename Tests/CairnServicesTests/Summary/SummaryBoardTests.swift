import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

@testable import CairnServices

/// What the tables sum up, beside what counting from the events sums up.
struct SummaryBoardTests {
    enum Kind: CaseIterable { case memory, lmdb }

    private func journal(_ kind: Kind, _ scratch: ScratchFolder) throws -> any Journal {
        switch kind {
        case .memory: MemoryJournal()
        case .lmdb: try LMDBJournal(path: scratch.path("j"))
        }
    }

    private static let hour: Int64 = 3_600_000_000_000
    private static let tenants = ["a", "b", String(repeating: "t", count: 500) + "x"]
    private static let stages = ["PARSING", "VALIDATION", "made up"]

    private func rows(
        _ count: Int,
        _ random: inout SeededGenerator
    ) throws -> [StreamAppend] {
        var appends: [StreamAppend] = []
        for _ in 0..<count {
            var row = PipelineEvent(
                tenant: random.pick(Self.tenants),
                stage: random.pick(Self.stages),
                eventType: random.pick(["PARSE_OK", "other", "VAL_OK"]),
                status: random.pick([.started, .completed, PipelineStatus("ODD")]),
                createdAt: Timestamp(
                    nanoseconds: random.isHit(1, outOf: 50)
                        ? random.pick([.min, .max, -1, 0])
                        : random.draw(-3 * Self.hour...9 * Self.hour)
                )
            )
            if random.isHit(1, outOf: 2) { row.durationMilliseconds = random.draw(-5...5_000) }
            if random.isHit(1, outOf: 40) { row.durationMilliseconds = random.pick([.min, .max]) }
            if random.isHit(1, outOf: 3) { row.metadata = Array("{\"n\":\(random.next())}".utf8) }
            if random.isHit(1, outOf: 3) { row.errorMessage = "none" }
            if random.isHit(1, outOf: 3) { row.workerID = "w" }
            let stream = try PipelineEvent.streamID(request: "R-\(random.below(30))")
            appends.append(StreamAppend([try row.newEvent(id: nil)], to: stream))
        }
        // What is none of a request's rows counts for nothing.
        let noise = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [1])
        appends.append(StreamAppend([noise], to: try StreamID("noise/1")))
        return appends
    }

    private func query(_ random: inout SeededGenerator) -> SummaryQuery {
        func instant(_ random: inout SeededGenerator) -> Timestamp? {
            switch random.below(5) {
            case 0: Timestamp(nanoseconds: random.draw(-4...10) * Self.hour)
            case 1: Timestamp(nanoseconds: random.draw(-4 * Self.hour...10 * Self.hour))
            case 2: Timestamp(nanoseconds: random.pick([.min, .max]))
            default: nil
            }
        }
        return SummaryQuery(
            tenant: random.isHit(1, outOf: 3) ? random.pick(Self.tenants + ["c"]) : nil,
            stage: random.isHit(1, outOf: 3) ? random.pick(Self.stages) : nil,
            since: instant(&random),
            until: instant(&random)
        )
    }

    @Test(arguments: Kind.allCases)
    func `tables and counting agree, whatever is asked`(kind: Kind) async throws {
        let scratch = try ScratchFolder()
        let journal = try journal(kind, scratch)
        var random = SeededGenerator(seed: 11)
        let followed = SummaryBoard(journal)
        for round in 0..<8 {
            try await journal.append(try rows(1 + random.below(200), &random))
            let stored = SummaryBoard(journal)
            if round % 3 == 1 { try await SummaryBoard(journal).catchUp() }
            #expect(stored.isStored == (round > 0))
            for _ in 0..<15 {
                let query = query(&random)
                let slow = try await PipelineView(journal).summary(query)
                #expect(try await followed.rows(query) == slow, "\(query), followed")
                #expect(try await stored.rows(query) == slow, "\(query), stored")
            }
            let all = try await PipelineView(journal).summary()
            let bytes = all.reduce(0) { $0 + $1.metadataByteCount }
            #expect(try await followed.metadataByteCount() == bytes)
        }
    }

    @Test(arguments: Kind.allCases)
    func `both stop at an event that nothing may pass over`(kind: Kind) async throws {
        let scratch = try ScratchFolder()
        let journal = try journal(kind, scratch)
        var random = SeededGenerator(seed: 13)
        try await journal.append(try rows(100, &random))
        let followed = SummaryBoard(journal)
        #expect(try await followed.rows() == PipelineView(journal).summary())
        if kind == .lmdb { try await SummaryBoard(journal).catchUp() }
        func add(_ type: String, mayBeIgnored: Bool, to stream: String) async throws {
            let event = try NewEvent(
                type: type,
                occurredAt: .unixEpoch,
                mayBeIgnored: mayBeIgnored,
                payload: [1]
            )
            try await journal.append(event, to: try StreamID(stream))
        }
        try await add("pipeline.note", mayBeIgnored: true, to: "pipeline/R-1")
        try await add("noted", mayBeIgnored: false, to: "noise/1")
        #expect(try await followed.rows() == PipelineView(journal).summary())
        try await add("pipeline.rule", mayBeIgnored: false, to: "pipeline/R-1")
        var told: [IncidentError] = []
        for board in [nil, followed, SummaryBoard(journal)] {
            do throws(IncidentError) {
                if let board {
                    _ = try await board.rows()
                } else {
                    _ = try await PipelineView(journal).summary()
                }
            } catch {
                told.append(error)
            }
        }
        #expect(told.count == 3 && Set(told).count == 1)
        // The number is not known either, and that is said without a pass over the journal.
        await #expect(throws: IncidentError.self) { _ = try await followed.metadataByteCount() }
    }

    @Test func `tables that are far behind are not gone on from for one question`() async throws {
        let scratch = try ScratchFolder()
        let journal = try LMDBJournal(path: scratch.path("j"))
        var random = SeededGenerator(seed: 14)
        try await journal.append(try rows(10, &random))
        let board = SummaryBoard(journal)
        #expect(try await !board.isNear())
        #expect(try await board.metadataByteCountIfNear() == nil)
        try await KeptProjections(journal).catchUp()
        #expect(try await board.isNear())
        #expect(try await SystemEventBoard(journal).isNear())
        #expect(try await PromptBoard(journal).isNear())
        #expect(try await board.metadataByteCountIfNear() == board.metadataByteCount())
        let noise = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
        let bound = Int(StoredTables.behindCountMax)
        let stream = try StreamID("noise/1")
        try await journal.append([StreamAppend(Array(repeating: noise, count: bound), to: stream)])
        #expect(try await board.isNear())
        try await journal.append(noise, to: stream)
        #expect(try await !SummaryBoard(journal).isNear())
        #expect(try await !SystemEventBoard(journal).isNear())
        #expect(try await !PromptBoard(journal).isNear())
        #expect(try await SummaryBoard(journal).metadataByteCountIfNear() == nil)
        let table = LiveProjection(SummaryProjection(), of: journal).table
        let behind = UInt64(bound) + 1
        #expect(try await journal.hasStored(table, behindByAtMost: behind))
        #expect(try await !journal.hasStored(table, behindByAtMost: behind - 1))
        journal.close()
    }

    @Test func `an hour begins with its first instant, and hours are counted whole`() async throws {
        let journal = MemoryJournal()
        for nanoseconds in [-1, 0, Self.hour - 1, Self.hour] {
            var row = PipelineEvent(
                tenant: "a",
                stage: "s",
                eventType: "e",
                status: .completed,
                createdAt: Timestamp(nanoseconds: nanoseconds)
            )
            row.durationMilliseconds = nanoseconds == 0 ? 3 : nil
            row.metadata = nanoseconds == 0 ? Array("{ }".utf8) : nil
            let stream = try PipelineEvent.streamID(request: "R")
            try await journal.append(try row.newEvent(id: nil), to: stream)
        }
        let board = SummaryBoard(journal)
        let rows = try await board.rows()
        #expect(rows.map(\.hour.nanoseconds) == [-Self.hour, 0, Self.hour])
        #expect(rows.map(\.eventCount) == [1, 2, 1])
        #expect(rows.map(\.metadataByteCount) == [0, 3, 0])
        #expect(rows[1].averageDurationMilliseconds?.description == "3")
        #expect(rows.map(\.durationMillisecondsMax) == [nil, 3, nil])
        let middle = SummaryQuery(
            since: Timestamp(nanoseconds: Self.hour - 1),
            until: Timestamp(nanoseconds: Self.hour)
        )
        #expect(try await board.rows(middle) == [rows[1]])
    }

    @Test func `tables come back from what is stored as they were`() async throws {
        let scratch = try ScratchFolder()
        let journal = try LMDBJournal(path: scratch.path("j"))
        var random = SeededGenerator(seed: 12)
        for _ in 0..<5 {
            try await journal.append(try rows(60, &random))
            try await KeptProjections(journal).catchUp()
        }
        func marks() async throws -> [ProjectionMark] {
            try await KeptProjections(journal).catchUp()
                .filter { $0.name == "cairn.summary" }.map(\.mark)
        }
        let stored = try await marks()
        #expect(try await KeptProjections(journal).removeDamaged().isEmpty)
        try await KeptProjections(journal).reset()
        #expect(try await marks() == stored)
        #expect(stored.count == 1)
        journal.close()
    }

    @Test(
        .enabled(if: RealData.folder != nil, "no folder shared/data beside the package"),
        arguments: Kind.allCases
    )
    func `a real log is summed up as counting does`(kind: Kind) async throws {
        let path = try #require(RealData.folder) + "/process-logs/08_receipt.xes.gz"
        let scratch = try ScratchFolder()
        let journal = try journal(kind, scratch)
        try await PipelineImporter(into: journal).run([ImportInput(path: path)])
        let rows = try await SummaryBoard(journal).rows()
        #expect(rows.reduce(0) { $0 + $1.eventCount } == 8_577)
        #expect(rows == (try await PipelineView(journal).summary()))
        let stage = try #require(rows.first?.stage)
        let query = SummaryQuery(stage: stage, since: rows[rows.count / 2].hour)
        let some = try await SummaryBoard(journal).rows(query)
        #expect(some == (try await PipelineView(journal).summary(query)))
        #expect(some.count < rows.count)
    }

    @Test func `the numbers of a journal are its last day, its metadata and what is stuck`()
        async throws
    {
        let clock = ManualClock()
        let journal = MemoryJournal(clock: { clock.now })
        let tracker = PipelineTracker(journal: journal)
        try await tracker.started("R-1", tenant: "t", stage: "PARSING")
        clock.advance(by: .seconds(90_000))
        try await tracker.started("R-2", tenant: "t", stage: "PARSING")
        let board = OperatingBoard(journal)
        let numbers = try await board.numbers(at: clock.now)
        #expect(numbers.eventCountOfLastDay == 1)
        #expect(numbers.metadataByteCount == 0)
        #expect(numbers.stuckCount == 1)
        let later = clock.now.adding(.seconds(90_000))
        #expect(try await board.numbers(at: later).stuckCount == 2)
        #expect(try await board.eventCountOfLastDay(at: later) == 0)
        #expect(try await board.eventCountOfLastDay(at: Timestamp(nanoseconds: .min)) == 2)
    }
}

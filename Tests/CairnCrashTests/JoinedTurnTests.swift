import CairnCore
import CairnJournal
import CairnLMDB
import CairnTestSupport
import Synchronization
import Testing

/// Turns that join a batch while it is open, where that batch is done again or holds no more.
struct JoinedTurnTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Appends from several callers at once, and checks that each append is there once, in order.
    ///
    /// - Returns: The largest number of turns in a commit.
    private func append(
        callers: Int,
        times: Int,
        payloadByteCount: Int,
        configuration: LMDBJournal.Configuration,
        meanwhile: @escaping @Sendable (LMDBJournal) async throws -> Void = { _ in }
    ) async throws -> Int {
        let turnCountMax = Mutex(0)
        var configuration = configuration
        configuration.onCommit = { facts in
            turnCountMax.withLock { $0 = max($0, facts.turnCount) }
        }
        let journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
        defer { journal.close() }
        try await withThrowingTaskGroup { group in
            for caller in 0..<callers {
                group.addTask {
                    let stream = try StreamID("load/\(caller)")
                    for time in 0..<times {
                        let event = try NewEvent(
                            type: "NOTED",
                            id: try EventID("\(caller)/\(time)"),
                            occurredAt: .unixEpoch,
                            payload: [UInt8](repeating: UInt8(time % 256), count: payloadByteCount)
                        )
                        let receipt = try await journal.append(event, to: stream)
                        #expect(!receipt.isDuplicate)
                        #expect(receipt.sequence.rawValue == UInt64(time + 1))
                    }
                }
            }
            group.addTask { try await meanwhile(journal) }
            try await group.waitForAll()
        }
        var last = Timestamp.unixEpoch
        var counts: [StreamNumber: Int] = [:]
        try await journal.forEachEvent { header, _ in
            #expect(header.recordedAt >= last)
            last = header.recordedAt
            counts[header.streamNumber, default: 0] += 1
            #expect(header.sequence.rawValue == UInt64(counts[header.streamNumber] ?? 0))
            return .proceed
        }
        #expect(counts.count == callers && counts.values.allSatisfy { $0 == times })
        return turnCountMax.withLock { $0 }
    }

    @Test func `a batch that others joined is done again where the map was full`() async throws {
        var configuration = LMDBJournal.Configuration()
        configuration.mapByteCount = 96 << 10
        configuration.indexSegmentEventCountMax = 64
        let turnCount = try await append(
            callers: 24,
            times: 40,
            payloadByteCount: 2_000,
            configuration: configuration
        )
        #expect(turnCount > 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func `callers that never leave room in a batch keep no index flush waiting`() async throws {
        // Nine of them come to more than a batch takes.
        let turnCount = try await append(
            callers: 10,
            times: 12,
            payloadByteCount: 1_000_000,
            configuration: .init()
        ) { journal in
            for _ in 0..<3 { try await journal.flushIndex() }
        }
        #expect(turnCount > 1 && turnCount < 10)
    }
}

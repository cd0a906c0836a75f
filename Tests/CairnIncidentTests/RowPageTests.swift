import CairnCore
import CairnDomains
import CairnJournal
import Testing

@testable import CairnIncident

/// Rows that are copied out by their positions, more than one view holds.
struct RowPageTests {
    /// Requests with several rows each, and among them rows of 300 KB.
    private static func history(rowCount: Int) throws -> History {
        var history = History()
        let wide = Array(#"{"note":"\#(String(repeating: "x", count: 300_000))"}"#.utf8)
        for number in 0..<rowCount {
            history.add("PAGW-\(number % 97)", "PARSE_OK", .completed, minutes: Int64(number)) {
                if number % 100 == 99 { $0.metadata = wide }
            }
        }
        return history
    }

    @Test func `rows come in the order asked for, whatever a view holds`() async throws {
        let history = try Self.history(rowCount: 2_400)
        let view = PipelineView(try await history.journal())
        // Backwards, some twice, and among them positions that the journal does not hold.
        var wanted = (1...2_400).reversed().map { UInt64($0) }
        wanted.insert(contentsOf: [0, 7, 7, .max], at: 1_023)
        wanted.append(contentsOf: [2_401, 1])
        let rows = try await view.rows(at: wanted.map { Position(rawValue: $0) })
        #expect(rows.map(\.position.rawValue) == wanted.filter { (1...2_400).contains($0) })
        for row in rows {
            let known = history.rows[Int(row.position.rawValue) - 1]
            #expect(row.requestID == known.requestID && row.event == known.event)
            #expect(row.sequence.rawValue == known.sequence)
        }
        #expect(try await view.rows(at: []).isEmpty)
    }

    @Test func `the first row that cannot be read is told`() async throws {
        let journal = try await Self.history(rowCount: 3).journal()
        let stream = try PipelineEvent.streamID(request: "PAGW-1")
        for payload in [[UInt8](repeating: 0xFF, count: 3), []] {
            let broken = try NewEvent(
                type: PipelineEvent.frameType,
                occurredAt: History.dayStart,
                payload: payload
            )
            try await journal.append([StreamAppend([broken], to: stream)])
        }
        let view = PipelineView(journal)
        #expect(try await Self.failure(view, at: [1, 4, 5]) == 4)
        #expect(try await Self.failure(view, at: [5, 2, 4]) == 5)
    }

    /// The position of the row that an error tells of.
    private static func failure(_ view: PipelineView, at positions: [UInt64]) async throws
        -> UInt64?
    {
        let error = await #expect(throws: IncidentError.self) {
            try await view.rows(at: positions.map { Position(rawValue: $0) })
        }
        guard case .event(let position, _)? = error else { return nil }
        return position.rawValue
    }
}

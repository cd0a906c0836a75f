import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import CairnTesting

/// A random history of requests, some of which are removed on the way, and what is known of it
/// without any view.
struct RemovingHistory {
    let journal: MemoryJournal
    /// Where each event of a request stands, and what it is; nil for a removal.
    private(set) var events: [(position: Position, request: String, event: PipelineEvent?)] = []
    private(set) var lastPosition = Position.zero

    static let now = History.time(minutes: 100)

    init(seed: UInt64, removalPercent: Int = 4) async throws {
        var random = SeededGenerator(seed: seed &* 77)
        journal = MemoryJournal()
        for row in History.random(seed: seed).rows {
            let stream = try PipelineEvent.streamID(request: row.requestID)
            try await journal.append(try row.event.newEvent(id: nil), to: stream)
            if Int.random(in: 0..<100, using: &random) < 10 {
                // What other machines have there is to be passed over.
                let other = try StreamID("system/\(Int.random(in: 0...2, using: &random))")
                try await journal.append(
                    try NewEvent(type: "x", occurredAt: .unixEpoch, payload: []),
                    to: other
                )
            }
            if Int.random(in: 0..<100, using: &random) < removalPercent {
                try await PipelineRemover(journal).forget(request: row.requestID)
            }
        }
        lastPosition = try await journal.head().lastPosition
        for number in 1...lastPosition.rawValue {
            let position = Position(rawValue: number)
            guard let record = try await journal.record(at: position),
                record.stream.kind == PipelineEvent.streamKind
            else { continue }
            let isRow = record.type == PipelineEvent.frameType
            let event = isRow ? try EventRow(record).event : nil
            events.append((position, record.stream.key, event))
        }
    }

    var requests: [String] { Array(Set(events.map(\.request))).sorted() }

    /// The requests as a view up to a bound has them after the events up to a position, folded
    /// from the start.
    func rows(at position: Position, seenFrom bound: Position) -> [RequestRow] {
        let machine = PipelineMachine()
        var rows: [String: RequestRow] = [:]
        for (place, request, event) in events where place <= position {
            let removal = events.last {
                $0.request == request && $0.event == nil && $0.position <= bound
            }
            guard let event, place > removal?.position ?? .zero else { continue }
            var state = rows[request]?.state ?? machine.initial
            machine.evolve(&state, by: event)
            let isCurrent = state.current?.sequence.rawValue == state.eventCount
            rows[request] = RequestRow(
                requestID: request,
                state: state,
                now: Self.now,
                metadata: isCurrent ? event.metadata : rows[request]?.metadata
            )
        }
        return rows.values.sorted { $0.requestID < $1.requestID }
    }
}

import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTestSupport
import Testing

/// What of a journal a bundle does not take along, and how it says so.
struct BundleLeftOutTests {
    @Test func `a number in an id stays only where it is the row's own`() async throws {
        let journal = MemoryJournal()
        let stream = try PipelineEvent.streamID(request: "R-1")
        let rows: [(id: String?, number: Int64?)] = [
            ("R-1/5", 5), ("R-1/41234567", 6), ("R-1/7", nil), ("R-1/08", 8), ("R-2/9", 9),
            ("19570312", 10), (nil, 11),
        ]
        for (index, (id, number)) in rows.enumerated() {
            var event = PipelineEvent(
                tenant: "anthem",
                stage: "PARSING",
                eventType: "PARSE_START",
                status: .started,
                createdAt: History.time(minutes: Int64(index))
            )
            event.sequenceNumber = number
            try await journal.append(
                try event.newEvent(id: try id.map { try EventID($0) }),
                to: stream
            )
        }
        let story = try await BundleStory(BundleSelection(requests: ["R-1"]), of: journal)
        let records = try await story.records()
        let name = try #require(records.first?.stream.key)
        let ids = records.map { $0.id?.name }
        #expect(ids.count == rows.count && ids.first == "\(name)/5" && ids.last == .some(nil))
        for id in ids.dropFirst().dropLast() {
            let text = try #require(id)
            #expect(text.wholeMatch(of: /event-[0-9a-f]{8}/) != nil, "\(text)")
        }
        #expect(Set(ids).count == rows.count)
    }

    @Test func `what is left out is counted, up to the moment that is looked at`() async throws {
        let journal = MemoryJournal()
        func append(_ count: Int, to stream: StreamID) async throws {
            for _ in 0..<count {
                let event = try NewEvent(
                    type: "something",
                    occurredAt: .unixEpoch,
                    mayBeIgnored: true,
                    payload: []
                )
                try await journal.append(event, to: stream)
            }
        }
        for request in ["R-1", "R-2"] {
            let event = PipelineEvent(
                tenant: "anthem",
                stage: "PARSING",
                eventType: "PARSE_START",
                status: .started,
                createdAt: History.time(minutes: 0)
            )
            try await journal.append(
                try event.newEvent(id: nil),
                to: try PipelineEvent.streamID(request: request)
            )
        }
        let desk = ItemDesk(journal)
        let item = try await desk.begin("k-1")
        let acceptance = ItemAcceptance(provider: "mailer", providerReference: "M-1")
        try await desk.give(.accept(acceptance), to: item)
        var callback = InteractionCallback(
            provider: "mailer",
            reference: "M-2",
            word: "delivered",
            meaning: .delivered
        )
        callback.attempt = 1
        try await desk.give(.receive(callback), to: item)
        try await append(2, to: try RetryLeaseMachine.stream(request: "R-1"))
        try await append(5, to: try RetryLeaseMachine.stream(request: "R-2"))
        try await append(3, to: try ReferenceMachine.stream(provider: "mailer", reference: "M-1"))
        try await append(1, to: try ReferenceMachine.stream(provider: "mailer", reference: "M-2"))
        try await append(7, to: try ReferenceMachine.stream(provider: "other", reference: "M-1"))
        try await append(4, to: try SystemEvent.stream())
        let bound = try await journal.head().lastPosition
        try await append(6, to: try SystemEvent.stream())
        try await append(1, to: try RetryLeaseMachine.stream(request: "R-1"))
        func leftOut(
            _ selection: BundleSelection,
            asOf: Position? = nil
        ) async throws -> [Int] {
            let story = try await BundleStory(selection, of: journal, asOf: asOf)
            let counts = story.manifest.counts.leftOut
            return [counts.leases, counts.references, counts.systemEvents]
        }
        let both = BundleSelection(requests: ["R-1"], items: [item])
        #expect(try await leftOut(both, asOf: bound) == [2, 4, 4])
        #expect(try await leftOut(both) == [3, 4, 10])
        #expect(try await leftOut(BundleSelection(requests: ["R-2", "R-2"])) == [5, 0, 10])
        #expect(try await leftOut(BundleSelection(items: [item])) == [0, 4, 10])
    }
}

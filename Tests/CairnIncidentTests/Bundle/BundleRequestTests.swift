import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTesting
import Testing

/// A bundle of requests tells of each what the original tells, under other names.
struct BundleRequestTests {
    @Test(arguments: 1..<41 as Range<UInt64>)
    func `a request folds to what it folds to in the original`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed &* 17)
        let history = History.random(seed: seed, isTable: seed.isMultiple(of: 4))
        let journal = try await history.journal()
        let bound = UInt64.random(in: 1...UInt64(history.rows.count), using: &random)
        let seen = history.upTo(bound).rows.map(\.requestID)
        var ids: [String] = []
        for id in seen where !ids.contains(where: { $0.utf8.elementsEqual(id.utf8) }) {
            if ids.isEmpty || Int.random(in: 0..<4, using: &random) > 0 { ids.append(id) }
        }
        let story = try await BundleStory(
            BundleSelection(requests: ids.shuffled(using: &random)),
            of: journal,
            asOf: Position(rawValue: bound)
        )
        try await story.expectSameRequests(ids, "seed \(seed)")
        #expect(story.manifest.counts.requests == ids.count)
        #expect(story.withheldCount == 0)
        let count = try await story.records().count
        #expect(count == story.manifest.counts.events)
    }

    @Test(arguments: 1..<11 as Range<UInt64>)
    func `stuck requests and retries are those of the original`(seed: UInt64) async throws {
        let history = History.random(seed: seed)
        var options = BundleOptions(key: BundleStory.key)
        options.keepsTimes = true
        let ids = Set(history.rows.map(\.requestID))
        let story = try await BundleStory(
            BundleSelection(requests: ids.sorted()),
            of: try await history.journal(),
            options: options
        )
        let now = History.time(minutes: 100)
        func stuck(_ view: PipelineView) async throws -> [String] {
            try await view.stuck(now: now, usesDeadlines: true).map { row in
                "\(row.status.code) \(row.createdAt) \(row.reason) \(row.attempt)"
            }.sorted()
        }
        #expect(try await stuck(story.original) == stuck(story.bundle), "seed \(seed)")
        for openOnly in [false, true] {
            func retries(_ view: PipelineView) async throws -> [String] {
                try await view.retries(now: now, openOnly: openOnly, limit: 1_000).map { row in
                    "\(row.nextRetryAt) \(row.attempt) \(row.sequenceNumber)"
                }.sorted()
            }
            #expect(try await retries(story.original) == retries(story.bundle), "seed \(seed)")
        }
    }

    @Test func `bundles of one key agree, and those of two do not`() async throws {
        let history = History.random(seed: 5, isTable: true)
        let journal = try await history.journal()
        let ids = Set(history.rows.map(\.requestID)).sorted()
        func payloads(_ key: [UInt8], _ requests: [String]) async throws -> Set<[UInt8]> {
            let story = try await BundleStory(
                BundleSelection(requests: requests),
                of: journal,
                options: BundleOptions(key: key)
            )
            return Set(try await story.records().map(\.payload))
        }
        let all = try await payloads(BundleStory.key, ids)
        #expect(try await payloads(BundleStory.key, Array(ids.prefix(1))).isSubset(of: all))
        let others = try await payloads([UInt8](repeating: 8, count: 32), ids)
        #expect(others.isDisjoint(with: all))
    }

    @Test func `what was removed is in no bundle, whenever it is looked at`() async throws {
        var history = History()
        history.add("R-1", "PARSE_START", .started, minutes: 0)
        history.add("R-2", "PARSE_START", .started, minutes: 1)
        let journal = try await history.journal()
        let stream = try PipelineEvent.streamID(request: "R-1")
        try await Self.remove("R-1", eventCount: 1, from: journal)
        for bound in [nil, Position(rawValue: 2)] {
            await #expect(throws: BundleError.removed(request: "R-1")) {
                _ = try await BundleStory(
                    BundleSelection(requests: ["R-1"]),
                    of: journal,
                    asOf: bound
                )
            }
        }
        // What came later is there, and what came before has its place and nothing else.
        var event = PipelineEvent(
            tenant: "anthem",
            stage: "PARSING",
            eventType: "PARSE_OK",
            status: .completed,
            createdAt: History.time(minutes: 2)
        )
        event.errorMessage = "late"
        try await journal.append(try event.newEvent(id: nil), to: stream)
        let story = try await BundleStory(BundleSelection(requests: ["R-1", "R-2"]), of: journal)
        try await story.expectSameRequests(["R-1", "R-2"], "begun anew")
        #expect(story.withheldCount == 2)
        let withheld = try await story.records().filter {
            $0.type == IncidentBundle.withheldType
        }
        #expect(withheld.map(\.payload.count) == [0, 0])
        #expect(withheld.map(\.sequence.rawValue) == [1, 2])
    }

    private static func remove(
        _ request: String,
        eventCount: UInt64,
        from journal: any Journal
    ) async throws {
        let at = History.time(minutes: 60)
        let entry = ListedRemoval(key: request, eventCount: eventCount, at: at)
        try await journal.append([
            StreamAppend(
                [try entry.newEvent()],
                to: try Removal.truncations(of: PipelineEvent.streamKind)
            ),
            StreamAppend(
                [try Removal(.stream, at: at, by: "ada", reason: "asked for").newEvent()],
                to: try PipelineEvent.streamID(request: request)
            ),
        ])
    }

    @Test func `an unknown event keeps its place, or stops the bundle`() async throws {
        var history = History()
        history.add("R-1", "PARSE_START", .started, minutes: 0)
        let journal = try await history.journal()
        let stream = try PipelineEvent.streamID(request: "R-1")
        func append(mayBeIgnored: Bool) async throws {
            let event = try NewEvent(
                type: "secret.rule",
                id: mayBeIgnored ? try EventID("secret-id") : nil,
                occurredAt: .unixEpoch,
                mayBeIgnored: mayBeIgnored,
                payload: Array("secret payload".utf8)
            )
            try await journal.append(event, to: stream)
        }
        try await append(mayBeIgnored: true)
        let story = try await BundleStory(BundleSelection(requests: ["R-1"]), of: journal)
        let last = try #require(try await story.records().last)
        #expect(last.type == IncidentBundle.withheldType && last.id == nil)
        #expect(last.payload.isEmpty && last.sequence.rawValue == 2)
        try await append(mayBeIgnored: false)
        await #expect(
            throws: BundleError.incident(
                .event(position: Position(rawValue: 3), .unknownType("secret.rule"))
            )
        ) {
            _ = try await BundleStory(BundleSelection(requests: ["R-1"]), of: journal)
        }
    }

    @Test func `a time that cannot be moved is named`() async throws {
        var history = History()
        history.add("R-1", "PARSE_START", .started, minutes: 0) { event in
            event.nextRetryAt = .distantPast
        }
        let journal = try await history.journal()
        await #expect(throws: BundleError.timeOutOfRange(position: .first)) {
            _ = try await BundleStory(BundleSelection(requests: ["R-1"]), of: journal)
        }
    }
}

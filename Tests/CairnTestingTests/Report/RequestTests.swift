import Cairn
import CairnTesting

/// Requests that become sources of tests, as `cairn testcase` writes them.
struct RequestTests {
    /// One source, in which all tests should pass.
    struct Source {
        let name: String
        let text: String
    }

    /// Requests of the built-in pipeline, of the one that is given, and of one that is hard to
    /// write.
    static func all(_ definition: [UInt8]) async throws -> [Source] {
        let incidents = try PipelineDefinition.parse(definition)
        return [
            Source(name: "Reopened", text: try await source(reopened)),
            Source(name: "Attempts", text: try await source(reopened, keeping: "attempt > 3")),
            Source(
                name: "Whole",
                text: try await source(reopened, keeping: telling, isWhole: true)
            ),
            Source(name: "Failure", text: try await source(Array(reopened[..<3]))),
            Source(name: "Incident", text: try await source(incident, by: incidents)),
            Source(
                name: "Stages",
                text: try await source(incident, by: incidents, keeping: queued)
            ),
            Source(
                name: "Odd",
                text: try await source(
                    oddEvents,
                    by: oddDefinition,
                    keeping: "stages contains '\(longWord)'"
                )
            ),
        ]
    }

    private static let queued = "stages contains Queued"

    /// Names every field, so that every kind of fact is compiled.
    private static let telling = CaseField.allCases
        .map { "(exists \($0.rawValue) or attempt > 3)" }.joined(separator: " and ")

    private static func source(
        _ events: [PipelineEvent],
        by definition: PipelineDefinition = .priorAuthorization,
        keeping text: String? = nil,
        isWhole: Bool = false
    ) async throws -> String {
        let journal = MemoryJournal()
        let stream = try PipelineEvent.streamID(request: "R-1")
        for event in events { try await journal.append(try event.newEvent(id: nil), to: stream) }
        let story = try RequestCase(
            try await PipelineView(journal, definition: definition).timeline(of: "R-1"),
            definition: definition,
            now: .unixEpoch,
            keeping: try text.map { text throws(PredicateError) in try Predicate(text) }
        )
        // With the whole of a history everything that can stand in an event is compiled.
        if isWhole { return try story.test(of: story.rows, isMinimal: false).source }
        let least = Reduction(
            of: story.rows,
            partCount: \.partCount,
            keeping: { $0.keeping($1) },
            while: { story.shows($0) }
        )
        return try story.test(of: least.elements, isMinimal: least.isMinimal).source
    }

    private static func event(
        _ type: String,
        _ stage: String,
        _ status: PipelineStatus,
        _ seconds: Int64
    ) -> PipelineEvent {
        let start = Timestamp(nanoseconds: 1_500_000_000_000_000_000)
        var event = PipelineEvent(
            tenant: "a tenant",
            stage: stage,
            eventType: type,
            status: status,
            createdAt: start.adding(.seconds(seconds))
        )
        event.completedAt = event.createdAt.adding(TimeSpan(nanoseconds: -1))
        return event
    }

    /// A request with all columns full.
    private static let reopened: [PipelineEvent] = {
        var events = [
            event("REQUEST_RECEIVED", "ORCHESTRATION", .completed, 0),
            event("PARSE_START", "PARSER", .started, 1),
            event("PARSE_FAIL", "PARSING", .failed, 2),
            event("NOTIFY_OK", "SUBSCRIPTION_HANDLER", .completed, 3),
            event("PARSE_START", "PARSING", .other("am\u{FC}sing `word` \"\\"), 4),
            event("PARSE_FAIL", "PARSING", .failed, 5),
        ]
        events[3].tenant = "another tenant"
        events[5].attempt = 4
        events[5].isRetryable = false
        events[5].sequenceNumber = 7
        events[5].nextRetryAt = events[5].createdAt.adding(.milliseconds(12_345))
        events[5].startedAt = events[0].createdAt
        events[5].externalReference = "line 1\nline 2"
        events[5].durationMilliseconds = 1_234_567
        events[5].errorCode = "\"#"
        events[5].errorMessage = "*/ \\(1) \u{2028}"
        events[5].workerID = ""
        events[5].serviceName = "service"
        events[5].sourceID = .min
        let long = (0..<40).map { ##""\##($0)":["#","\\","\u00FC",-1.5e300,null,true]"## }
        events[5].metadata = Array("{\(long.joined(separator: ","))}".utf8)
        return events
    }()

    private static let incident = [
        event("Accepted", "Accepted", .started, 0),
        event("Completed", "Completed", .completed, 5),
        event("Queued", "Queued", .started, 3),
        event("Nobody knows", "Nowhere", .started, 6),
    ]

    /// Words that are hard to write, and a long one.
    private static let words = ["Pr\u{FC}fung", "\"\"\"#", "\\", "\u{7F}\n`", "#\"\(1)", longWord]
    private static let longWord = String(repeating: "long", count: 10)

    private static let oddDefinition = PipelineDefinition(
        name: "odd",
        isOpen: false,
        stages: words.map { PipelineDefinition.Stage($0, follows: [longWord]) },
        eventTypes: words.map {
            PipelineDefinition.EventType($0, stage: $0, status: .started, isTerminal: true)
        }
    )

    private static let oddEvents = words.enumerated().map { place, word in
        event(word, word, .started, Int64(place))
    }
}

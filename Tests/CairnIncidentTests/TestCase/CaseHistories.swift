import CairnCore
import CairnDomains
import CairnIncident
import CairnTesting

extension History {
    /// A request that was ended, reopened and failed, with all columns full of what is private.
    static var reopened: History {
        var history = History()
        func add(_ type: String, _ status: PipelineStatus, _ stage: String, _ minutes: Int64) {
            history.add("PAGW-7", type, status, minutes: minutes, stage: stage) { event in
                event.workerID = "pod-ada"
                event.serviceName = "svc-secret"
                event.externalReference = "PAGW-7"
                event.durationMilliseconds = 1_234
                event.metadata = Array(#"{"diagnosisCount":12,"patient":"Ada Lovelace"}"#.utf8)
                event.sequenceNumber = minutes
                if status == .failed {
                    event.errorCode = "E-PRIVATE"
                    event.errorMessage = "no answer for Ada Lovelace"
                    event.nextRetryAt = History.time(minutes: minutes + 5)
                    event.attempt = 4
                }
            }
        }
        add("REQUEST_RECEIVED", .completed, "ORCHESTRATION", 1)
        add("WORKFLOW_START", .started, "ORCHESTRATION", 2)
        add("PARSE_START", .started, "PARSER", 3)
        add("PARSE_OK", .completed, "PARSING", 4)
        add("NOTIFY_START", .started, "SUBSCRIPTION_HANDLER", 5)
        add("NOTIFY_OK", .completed, "SUBSCRIPTION_HANDLER", 6)
        add("PARSE_START", .started, "PARSING", 7)
        add("PARSE_FAIL", .failed, "PARSING", 8)
        return history
    }

    /// A case of a request, as the verb makes it.
    func story(
        of request: String,
        by definition: PipelineDefinition = .priorAuthorization,
        keeping text: String? = nil
    ) async throws -> RequestCase {
        let view = PipelineView(try await journal(), definition: definition)
        return try RequestCase(
            try await view.timeline(of: request),
            definition: definition,
            now: Self.time(minutes: 600),
            keeping: try text.map { text throws(PredicateError) in try Predicate(text) }
        )
    }
}

extension RequestCase {
    /// The rows that are enough.
    var least: [EventRow] {
        let reduction = Reduction(
            of: rows,
            partCount: \.partCount,
            keeping: { $0.keeping($1) },
            while: { shows($0) }
        )
        return reduction.elements
    }

    /// The test as it is written.
    var written: RequestTest {
        get throws { try test(of: least, isMinimal: true) }
    }
}

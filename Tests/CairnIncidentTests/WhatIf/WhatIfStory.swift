import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal

/// One request whose second try of a stage succeeded, and one that waits for its next try.
enum WhatIfStory {
    static let history: History = {
        var history = History()
        history.add("R-1", "REQUEST_RECEIVED", .completed, minutes: 0, stage: "ORCHESTRATION")
        history.add("R-1", "PARSE_START", .started, minutes: 1) { $0.workerID = "pod-1" }
        history.add("R-1", "PARSE_FAIL", .failed, minutes: 2) {
            $0.errorCode = "E1"
            $0.nextRetryAt = History.time(minutes: 3)
            $0.metadata = Array(#"{ "a": {"b": 1, "c": [1, 2]} }"#.utf8)
        }
        history.add("R-2", "PARSE_START", .started, minutes: 3) { $0.workerID = "pod-1" }
        history.add("R-1", "PARSE_START", .started, minutes: 4) { $0.attempt = 2 }
        history.add("R-1", "PARSE_OK", .completed, minutes: 5) {
            $0.attempt = 2
            $0.durationMilliseconds = 60_000
        }
        history.add("R-2", "PARSE_FAIL", .failed, minutes: 6) {
            $0.nextRetryAt = History.time(minutes: 7)
        }
        return history
    }()

    static func view() async throws -> PipelineView {
        PipelineView(try await history.journal())
    }

    static func place(_ number: UInt64) -> OverlayPlace {
        .sequence(SequenceNumber(rawValue: number))
    }

    static func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }
}

import CairnCore
import CairnDomains
import CairnIncident
import CairnTesting
import Testing

/// What of a request is worth a test, and how much of its history that takes.
struct RequestCaseTests {
    @Test func `the anomalies of a request are shown by the events that they need`() async throws {
        let story = try await History.reopened.story(of: "PAGW-7")
        let least = story.least
        #expect(least.count < story.rows.count)
        let state = PipelineMachine().replay(least.map(\.event))
        let whole = PipelineMachine().replay(story.rows.map(\.event))
        for kind in PipelineAnomaly.Kind.allCases {
            #expect((state.anomalies[kind] > 0) == (whole.anomalies[kind] > 0), "\(kind)")
        }
        #expect(state.anomalies[.reopened] > 0)
        // No column is needed for that.
        #expect(least.allSatisfy { $0.event.metadata == nil && $0.event.workerID == nil })
    }

    @Test func `no event and no part of one can be left out`() async throws {
        for text in [nil, "attempt > 3", "metadata.diagnosisCount > 10 and status == FAILED"] {
            let story = try await History.reopened.story(of: "PAGW-7", keeping: text)
            let least = story.least
            #expect(story.shows(least))
            for (index, row) in least.enumerated() {
                var rest = least
                rest.remove(at: index)
                #expect(!story.shows(rest), "\(row.event.eventType)")
                for part in 0..<row.partCount {
                    var plainer = least
                    plainer[index] = row.keeping((0..<row.partCount).filter { $0 != part })
                    #expect(plainer[index] != row)
                    #expect(!story.shows(plainer), "part \(part) of \(row.event.eventType)")
                }
            }
        }
    }

    @Test func `a failure is shown with the start that it has`() async throws {
        var history = History()
        history.add("R", "REQUEST_RECEIVED", .completed, minutes: 1, stage: "ORCHESTRATION")
        history.add("R", "WORKFLOW_START", .started, minutes: 2, stage: "ORCHESTRATION")
        history.add("R", "PARSE_START", .started, minutes: 3)
        history.add("R", "PARSE_FAIL", .failed, minutes: 4)
        let least = try await history.story(of: "R").least
        // Its stage follows another one, of which one event is enough.
        #expect(least.map(\.event.eventType).suffix(2) == ["PARSE_START", "PARSE_FAIL"])
        #expect(least.count == 3)
        let state = PipelineMachine().replay(least.map(\.event))
        #expect(state.anomalies.isEmpty)
    }

    @Test func `a predicate keeps what it needs, and says of what it is not true`() async throws {
        let history = History.reopened
        let byState = "attempt > 3 && status == FAILED"
        let story = try await history.story(of: "PAGW-7", keeping: byState)
        #expect(story.least.map(\.event.attempt).contains(4))
        let byEvent = "worker_id == pod-ada and duration_ms > 1s and sequence == 8"
        let kept = try await history.story(of: "PAGW-7", keeping: byEvent).least
        #expect(kept.last?.event.workerID == "pod-ada")
        #expect(kept.last?.event.durationMilliseconds == 1_234)
        #expect(kept.last?.event.errorCode == nil)
        await #expect(throws: RequestCaseError.notSo("PAGW-7")) {
            try await history.story(of: "PAGW-7", keeping: "attempt > 4")
        }
    }

    @Test func `of the metadata the members stay that a predicate needs`() async throws {
        var history = History()
        history.add("R", "REQUEST_RECEIVED", .completed, minutes: 1, stage: "ORCHESTRATION") {
            $0.metadata = Array(#"{"a":{"b":7,"c":"Ada"},"d":[1,2],"e":null}"#.utf8)
        }
        let least = try await history.story(of: "R", keeping: "metadata.a.b == 7").least
        let metadata = try #require(least.first?.event.metadata)
        #expect(String(decoding: metadata, as: UTF8.self) == #"{"a":{"b":7}}"#)
    }

    @Test func `a request that is as it should be has no case without a predicate`() async throws {
        var history = History()
        history.add("R", "REQUEST_RECEIVED", .completed, minutes: 1, stage: "ORCHESTRATION")
        await #expect(throws: RequestCaseError.nothingUnusual("R")) {
            try await history.story(of: "R")
        }
        #expect(try await history.story(of: "R", keeping: "terminal == false").least.count == 1)
    }

    @Test func `the fields of states and events are known by one name each`() throws {
        let names = CaseField.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { CaseField(rawValue: $0)?.rawValue == $0 })
        for field in RequestField.allCases { #expect(names.contains(field.rawValue)) }
        for field in EventField.allCases { #expect(names.contains(field.rawValue)) }
        let error = #expect(throws: PredicateError.self) {
            try Predicate<CaseStanding>("status == FAILED and atempt > 1")
        }
        #expect(error?.characterOffset == 21)
    }
}

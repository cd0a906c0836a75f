import CairnCore
import CairnDomains
import CairnIncident
import CairnTesting
import Testing

/// Sources of tests: what they say, and what they must not.
struct RequestTestTests {
    @Test func `a test has the events, the rules by name and what happened`() async throws {
        let story = try await History.reopened.story(of: "PAGW-7", keeping: "attempt > 3")
        let test = try story.written
        #expect(test.facts == ["state.current?.status == .failed", "state.current?.attempt == 4"])
        #expect(test.source.hasPrefix("import Cairn\nimport Testing\n\n/// "))
        #expect(test.source.contains("\n@Suite struct \(test.suiteName) {\n"))
        #expect(test.source.contains("    @Test func `the request stands where it stood`() {\n"))
        #expect(test.source.contains("        let machine = PipelineMachine()\n"))
        #expect(test.source.contains("        #expect(state.current?.attempt == 4)\n"))
        #expect(test.source.contains(#"event("PARSE_FAIL", in: "PARSING", .failed, after: "#))
        #expect(test.source.hasSuffix("    }\n}\n"))
    }

    @Test func `the same history gives the same test, and another one another name`() async throws {
        let first = try await History.reopened.story(of: "PAGW-7").written
        let second = try await History.reopened.story(of: "PAGW-7").written
        #expect(first.source == second.source)
        let other = try await History.reopened.story(of: "PAGW-7", keeping: "attempt > 3").written
        #expect(other.suiteName != first.suiteName)
    }

    @Test func `nothing that is private is in a test, reduced or not`() async throws {
        let secrets = [
            "PAGW-7", "anthem", "pod-ada", "svc-secret", "E-PRIVATE", "no answer", "Ada",
            "patient", "2025",
        ]
        let telling = "tenant == anthem and error_code == 'E-PRIVATE' and worker_id == pod-ada"
        for text in [nil, telling] {
            let story = try await History.reopened.story(of: "PAGW-7", keeping: text)
            let whole = try story.test(of: story.rows, isMinimal: false)
            for source in [try story.written.source, whole.source] {
                for secret in secrets { #expect(!source.contains(secret), "\(secret)") }
            }
            // What the pipeline names is not private, and neither are numbers.
            #expect(whole.source.contains(#""PARSER""#))
            #expect(whole.source.contains("diagnosisCount"))
            #expect(whole.source.contains("1_234"))
        }
    }

    @Test func `equal texts stay equal, and others apart`() async throws {
        let story = try await History.reopened.story(of: "PAGW-7")
        let events = try story.test(of: story.rows, isMinimal: false).events
        #expect(Set(events.map(\.tenant)) == ["tenant-1"])
        // The reference of the request is its own id.
        #expect(Set(events.compactMap(\.externalReference)) == ["request-1"])
        #expect(Set(events.compactMap(\.workerID)) == ["worker-1"])
        #expect(events.last?.errorCode == "code-1")
        let metadata = try #require(events.first?.metadata)
        let text = String(decoding: metadata, as: UTF8.self)
        #expect(text == #"{"diagnosisCount":12,"key-1":"text-1"}"#)
    }

    @Test func `a stand-in is never a text that there is, nor one for two`() async throws {
        var history = History()
        let tenants = ["tenant-1", "caf\u{E9}", "cafe\u{301}", "", "tenant-3"]
        for (minute, tenant) in tenants.enumerated() {
            history.add("request-1", "X", .started, minutes: Int64(minute), tenant: tenant)
        }
        let story = try await history.story(of: "request-1")
        let events = try story.test(of: story.rows, isMinimal: false).events
        #expect(events.map(\.tenant) == ["tenant-2", "tenant-4", "tenant-5", "", "tenant-6"])
        #expect(try !story.written.source.contains("\"tenant-1\""))
    }

    @Test func `words that no definition names are texts like any other`() async throws {
        var history = History()
        history.add("R", "Anruf", .other("wartet"), minutes: 1, stage: "Pr\u{FC}fung")
        history.add("R", "Anruf", .other("wartet"), minutes: 2, stage: "PARSING")
        let story = try await history.story(of: "R")
        let events = try story.test(of: story.rows, isMinimal: false).events
        #expect(events.map(\.stage) == ["stage-1", "PARSING"])
        #expect(events.map(\.eventType) == ["type-1", "type-1"])
        #expect(events.map(\.status) == [.other("status-1"), .other("status-1")])
        let stage = PipelineDefinition.Stage("Pr\u{FC}fung", follows: [])
        let own = PipelineDefinition(name: "own", stages: [stage])
        let named = try await history.story(of: "R", by: own)
        let source = try named.test(of: named.rows, isMinimal: false).source
        #expect(source.contains(#"in: "Pr\u{FC}fung""#))
        #expect(source.contains(##"{"name":"Pr\#u{FC}fung"}"##))
    }

    @Test func `times are as far from the first event as they were`() async throws {
        let story = try await History.reopened.story(of: "PAGW-7")
        let events = try story.test(of: story.rows, isMinimal: false).events
        #expect(events.first?.createdAt == RequestTest.start)
        for (event, row) in zip(events, story.rows) {
            let span = row.event.createdAt.since(try #require(story.rows.first?.event.createdAt))
            #expect(event.createdAt.since(RequestTest.start) == span)
            #expect(
                event.nextRetryAt?.since(event.createdAt)
                    == row.event.nextRetryAt?.since(row.event.createdAt)
            )
        }
    }

    @Test func `times that cannot be moved are refused and not changed`() async throws {
        var history = History()
        for time in [Timestamp.distantPast, .distantFuture, Timestamp(nanoseconds: .max - 1)] {
            history.add(
                "R",
                PipelineEvent(tenant: "t", stage: "S", eventType: "E", createdAt: time)
            )
        }
        let story = try await history.story(of: "R")
        #expect(throws: RequestCaseError.timesTooFarApart("R")) {
            try story.test(of: story.rows, isMinimal: false)
        }
    }

    @Test(arguments: 1...12)
    func `tests of random requests show what these show`(_ seed: UInt64) async throws {
        let history = History.random(seed: seed)
        let machine = PipelineMachine()
        for request in Set(history.rows.map(\.requestID)).sorted() {
            guard let story = try? await history.story(of: request) else { continue }
            let test = try story.written
            let before = machine.replay(story.least.map(\.event))
            let after = machine.replay(test.events)
            #expect(before.anomalies == after.anomalies)
            #expect(before.current?.status.code == after.current?.status.code)
            #expect(!test.facts.isEmpty)
            let lines = test.source.split(separator: "\n")
            #expect(lines.allSatisfy { $0.utf8.count <= 100 })
            #expect(test.source.utf8.allSatisfy { $0 < 0x7F })
            for secret in [request, "anthem", "bcbs", "pod-"] {
                #expect(!test.source.contains(secret), "\(secret)")
            }
        }
    }
}

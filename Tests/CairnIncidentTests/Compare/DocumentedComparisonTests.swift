import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import Foundation
import Testing

/// What the article "Before a deploy" shows.
struct DocumentedComparisonTests {
    @Test func `definitions are compared as the article shows`() async throws {
        var history = History()
        history.add("R-1", "PARSE_START", .started, minutes: 0, stage: "PARSER")
        let journal = try await history.journal()
        let now = History.time(minutes: 5)
        var tonight = PipelineDefinition.priorAuthorization
        tonight.stage("PARSING") { $0.aliases = [] }
        var lines: [String] = []
        func print(_ items: Any...) { lines.append(items.map { "\($0)" }.joined(separator: " ")) }

        let comparison = PipelineComparison(journal, from: .priorAuthorization, to: tonight)
        let report = try await comparison.report(now: now)
        for broken in report.breaks {
            print("breaks", broken.value.kind.rawValue, broken.value.word, broken.requestCount)
        }
        for group in report.requests.groups {
            print(group.streamCount, "differ in", group.cause.fields.joined(separator: ", "))
        }

        #expect(
            lines == [
                "breaks alias_gone PARSER 1",
                "1 differ in anomalies.out_of_order_stage, anomaly_count, stage, stages.PARSER, "
                    + "stages.PARSING",
            ]
        )
    }

    @Test func `machines are compared as the article shows`() async throws {
        let journal = MemoryJournal()
        for type in ["coin", "push", "push"] {
            let event = try NewEvent(type: type, occurredAt: .unixEpoch, payload: [])
            try await journal.append(event, to: try StreamID("turnstile/north"))
        }
        var lines: [String] = []
        func print(_ items: Any...) { lines.append(items.map { "\($0)" }.joined(separator: " ")) }

        let counting = Turnstile(countsPushes: true)
        var comparison = MachineComparison(journal, from: Turnstile(), to: counting)
        comparison.isInFlight = { old, new in old.isLocked || new.isLocked }
        for group in try await comparison.report().groups {
            guard let first = group.examples.first else { continue }
            let place = "\(first.stream) at \(first.position)"
            print(group.streamCount, "part after", first.type, "first", place)
            for difference in first.differences {
                print(difference.path, difference.before ?? .null, difference.after ?? .null)
            }
        }

        #expect(lines == ["1 part after push first turnstile/north at 2", "pushCount 0 1"])
    }

    @Test func `the article's samples are the ones that are compiled here`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        func text(_ path: String) throws -> String {
            try String(contentsOf: root.appending(path: path), encoding: .utf8)
        }
        let article = try text("Sources/Cairn/Cairn.docc/BeforeADeploy.md")
        let source = try text("Tests/CairnIncidentTests/Compare/DocumentedComparisonTests.swift")
        let blocks = article.components(separatedBy: "```swift\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        #expect(blocks.count == 2)
        let compiled = source.replacing("\n        ", with: "\n")
        for block in blocks { #expect(compiled.contains(block), "\(block)") }
    }
}

private struct Turnstile: InspectableMachine {
    struct State: Hashable, Sendable {
        var isLocked = true
        var pushCount = 0
    }

    var countsPushes = false

    var streamKind: StreamKind { StreamKind("turnstile") }
    var initial: State { State() }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> String? {
        header.type(in: frame)
    }

    func passOver(_ state: inout State) {}

    func evolve(_ state: inout State, by event: String) {
        state.isLocked = event != "coin"
        if countsPushes, event == "push" { state.pushCount += 1 }
    }
}

internal import CairnCore
internal import CairnDomains

/// A test as a file: the events as an embedder writes them, and what is expected of them.
struct CaseSource {
    let events: [PipelineEvent]
    let facts: [String]
    let title: String
    let subject: String
    let wholeCount: Int
    let isMinimal: Bool
    let machine: PipelineMachine

    /// A name that other events do not have.
    var suiteName: String { "RequestCase" + CaseText.digits(of: body) }

    var text: String {
        let lines =
            ["import Cairn", "import Testing", ""] + comment
            + ["@Suite struct \(suiteName) {"] + body.map { $0.isEmpty ? $0 : "    " + $0 } + ["}"]
        return lines.joined(separator: "\n") + "\n"
    }

    private var comment: [String] {
        let count = "\(events.count) of \(wholeCount) event" + (wholeCount == 1 ? "" : "s")
        let end = isMinimal ? "" : " Fewer events may do: not all ways were tried."
        return CaseText.comment("\(count) of a request, enough to show: \(subject).") + ["///"]
            + CaseText.comment(
                "Texts are stand-ins, the same one for the same text. Times are as far from the "
                    + "first event as they were.\(end)"
            )
    }

    /// Without the indentation of the suite.
    private var body: [String] {
        var lines = test + [""]
        lines.append(
            "private static let start = Timestamp(nanoseconds: "
                + "\(SwiftText.integer(RequestTest.start.nanoseconds)))"
        )
        lines += ["", "private static let events: [PipelineEvent] = ["]
        lines += eventLines.map { "    " + $0 } + ["]", ""] + helper
        if !isBuiltIn {
            let json = SwiftText.lines(ofJSON: machine.definition.json, width: 92)
            lines += ["", "private static let definition = " + json[0]]
            lines += json.dropFirst().map { "    " + $0 }
        }
        return lines
    }

    private var isBuiltIn: Bool { machine.definition == .priorAuthorization }

    private var test: [String] {
        let machine =
            isBuiltIn
            ? ["    let machine = PipelineMachine()"]
            : [
                "    let definition = Array(Self.definition.utf8)",
                "    let machine = PipelineMachine(try PipelineDefinition.parse(definition))",
            ]
        let expectations = facts.flatMap { CaseText.expectation($0) }
        return ["@Test func `\(title)`() \(isBuiltIn ? "" : "throws "){"] + machine + [
            "    let state = machine.replay(Self.events)",
            "    // What happened. Where something else should have, write that here: the test then",
            "    // fails until the rules are mended.",
        ] + expectations + ["}"]
    }

    /// A function that makes an event, so that each is told by what it has of its own.
    private var helper: [String] {
        let hasEdits = events.contains { !EventSource($0, tenant: tenant).edits.isEmpty }
        let edit = ["    _ edit: (inout PipelineEvent) -> Void = { _ in }"]
        return [
            "private static func event(",
            "    _ eventType: String,",
            "    in stage: String,",
            "    _ status: PipelineStatus,",
            "    after span: TimeSpan" + (hasEdits ? "," : ""),
        ] + (hasEdits ? edit : []) + [
            ") -> PipelineEvent {",
            "    \(hasEdits ? "var event = " : "")PipelineEvent(",
            "        tenant: \(SwiftText.text(tenant)),",
            "        stage: stage,",
            "        eventType: eventType,",
            "        status: status,",
            "        createdAt: start.adding(span)",
            "    )",
        ] + (hasEdits ? ["    edit(&event)", "    return event"] : []) + ["}"]
    }

    private var tenant: String { events.first?.tenant ?? "" }

    private var eventLines: [String] {
        var state = machine.initial
        var lines: [String] = []
        for event in events {
            let kinds = machine.anomalies(of: event, in: state).all
            machine.evolve(&state, by: event)
            if !kinds.isEmpty {
                lines += CaseText.wrapped(kinds.map(\.name).joined(separator: ", "), behind: "// ")
            }
            lines += EventSource(event, tenant: tenant).lines
        }
        // As the formatter has it where there is only one.
        if events.count == 1, let last = lines.popLast() { lines.append(String(last.dropLast())) }
        return lines
    }
}

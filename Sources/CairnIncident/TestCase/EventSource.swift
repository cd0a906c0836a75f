internal import CairnCore
internal import CairnDomains

/// One event in the list of a test.
struct EventSource {
    private let event: PipelineEvent
    private let tenant: String

    /// How far the lines are from the edge of the file.
    private static let indentation = 8

    init(_ event: PipelineEvent, tenant: String) {
        self.event = event
        self.tenant = tenant
    }

    var lines: [String] {
        let arguments = [
            SwiftText.text(event.eventType), "in: \(SwiftText.text(event.stage))",
            SwiftText.status(event.status),
            "after: \(SwiftText.span(event.createdAt.since(RequestTest.start)))",
        ]
        let end = edits.isEmpty ? "," : " {"
        let line = "event(\(arguments.joined(separator: ", ")))" + end
        var lines = [line]
        if Self.indentation + line.utf8.count > SwiftText.widthMax {
            lines =
                ["event("] + arguments.dropLast().map { "    \($0)," }
                + arguments.suffix(1).map { "    \($0)" } + [")" + end]
        }
        if !edits.isEmpty { lines += edits.map { "    " + $0 } + ["},"] }
        return lines
    }

    /// What the event has beside what every event has, as lines of a closure.
    var edits: [String] {
        var edits: [String] = []
        func set(_ name: String, _ value: String?) {
            guard let value else { return }
            let line = "$0.\(name) = \(value)"
            let isLong = Self.indentation + 4 + line.utf8.count > SwiftText.widthMax
            edits += isLong ? ["$0.\(name) =", "    \(value)"] : [line]
        }
        func text(_ text: String?) -> String? { text.map { SwiftText.text($0) } }
        if !tenant.utf8.elementsEqual(event.tenant.utf8) { set("tenant", text(event.tenant)) }
        set("sequenceNumber", event.sequenceNumber.map { SwiftText.integer($0) })
        if event.attempt != 1 { set("attempt", SwiftText.integer(event.attempt)) }
        if !event.isRetryable { set("isRetryable", "false") }
        set("nextRetryAt", instant(event.nextRetryAt))
        set("externalReference", text(event.externalReference))
        set("durationMilliseconds", event.durationMilliseconds.map { SwiftText.integer($0) })
        set("errorCode", text(event.errorCode))
        set("errorMessage", text(event.errorMessage))
        set("workerID", text(event.workerID))
        set("serviceName", text(event.serviceName))
        set("startedAt", instant(event.startedAt))
        set("completedAt", instant(event.completedAt))
        if let metadata = event.metadata { edits += metadataLines(metadata) }
        set("sourceID", event.sourceID.map { SwiftText.integer($0) })
        return edits
    }

    private func instant(_ time: Timestamp?) -> String? {
        guard let time else { return nil }
        let span = time.since(RequestTest.start)
        return span == .zero ? "start" : "start.adding(\(SwiftText.span(span)))"
    }

    private func metadataLines(_ bytes: [UInt8]) -> [String] {
        let value = (try? JSONValue.parse(bytes)) ?? .null
        let text = value.description
        let line = "$0.metadata = Array(#\"\(text)\"#.utf8)"
        let isPlain = text.utf8.allSatisfy { $0 < 0x80 } && !text.contains("\"#")
        if isPlain, Self.indentation + 4 + line.utf8.count <= SwiftText.widthMax { return [line] }
        let lines = SwiftText.lines(ofJSON: value, width: 78)
        let call = lines.dropLast() + ["\"\"\"#.utf8"]
        return ["$0.metadata = Array("] + call.map { "    " + $0 } + [")"]
    }
}

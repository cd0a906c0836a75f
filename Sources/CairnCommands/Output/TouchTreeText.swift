internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// The tree of one attempt, drawn as text or written as one object.
struct TouchTreeText {
    private let sight: TouchSight
    private let anomalies: [TouchUID: [String]]

    init(_ sight: TouchSight) {
        self.sight = sight
        anomalies = Dictionary(grouping: sight.tree.anomalies, by: \.uid)
            .mapValues { $0.map(\.kind.rawValue) }
    }

    func print(as format: OutputFormat) throws(CommandFailure) {
        switch format {
        case .text: try Terminal.write(lines.map { $0 + "\n" }.joined())
        case .json:
            var details = Details()
            for (name, value) in members { details.add(name, value) }
            try details.print(as: .json)
        }
    }

    // The drawing: one line a row, and one for each address with its outcomes below it.

    private struct Branch {
        let line: String
        var twigs: [String] = []
    }

    private var lines: [String] {
        let tree = sight.tree
        var lines = [
            tree.attempt.map(line)
                ?? "the attempt \(Terminal.printable(tree.root)) is not in the log"
        ]
        var branches = tree.notices.map { Branch(line: line($0)) }
        branches += tree.rows.filter(isStray).map { Branch(line: line($0)) }
        branches += tree.destinations.map { destination in
            Branch(line: line(destination), twigs: destination.outcomes.map(line))
        }
        for (index, branch) in branches.enumerated() {
            let isLast = index == branches.count - 1
            lines.append((isLast ? "`- " : "|- ") + branch.line)
            for (place, twig) in branch.twigs.enumerated() {
                let stem = isLast ? "   " : "|  "
                lines.append(stem + (place == branch.twigs.count - 1 ? "`- " : "|- ") + twig)
            }
        }
        if sight.removedCount > 0 {
            lines.append("removed: \(Wording.counted(sight.removedCount, "row"))")
        }
        return lines
    }

    /// Whether a row is an attempt that hangs below another row.
    private func isStray(_ touch: Touch) -> Bool {
        touch.fact.kind == .sendAttempt && touch.uid != sight.tree.attempt?.uid
    }

    private func line(_ destination: TouchDestination) -> String {
        var line = "\(Terminal.printable(destination.name))  \(destination.status.rawValue)"
        let count = destination.retryCount
        if count > 0 { line += ", \(count) \(count == 1 ? "retry" : "retries")" }
        return line
    }

    private func line(_ touch: Touch) -> String {
        var parts = [touch.createdTime.shortText, touch.fact.kind.word]
        switch touch.fact {
        case .sendAttempt(let attempt):
            let queued = Timestamp(touchSeconds: attempt.queuedAt).shortText
            parts += [
                attempt.channel.word, attempt.event, "queued \(queued)", text(attempt.parameters),
            ]
        case .sendReachable(let reach):
            parts.append(text(TouchListing.message(of: touch) ?? []))
            parts.append("to \(reach.destinations.count)")
        case .sendRetry(let failure), .sendAbandon(let failure), .sendUnretryable(let failure):
            parts.append(text(failure.info))
        case .sendUnreachable, .sendStale, .sendSuccess: break
        }
        parts.append(touch.uid.name)
        if let user = sight.tree.attempt?.user, user != touch.user {
            parts.append("of \(touch.user)")
        }
        if let kinds = anomalies[touch.uid] { parts.append("! " + kinds.joined(separator: ", ")) }
        return parts.filter { !$0.isEmpty }.map(Terminal.printable).joined(separator: "  ")
    }

    private func text(_ document: [UInt8]) -> String {
        document == Array("{}".utf8) ? "" : OutputValue.json(document).text
    }

    // The object.

    private var members: [(String, OutputValue)] {
        let tree = sight.tree
        let rows = Dictionary(
            sight.rows.map { ($0.touch.uid, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        func values(_ touches: [Touch]) -> OutputValue {
            .array(touches.compactMap { rows[$0.uid].map(TouchListing.value) })
        }
        return [
            ("root", .text(tree.root)),
            ("verdict", .text(tree.verdict.rawValue)),
            (
                "attempt",
                tree.attempt.flatMap { rows[$0.uid] }.map(TouchListing.value) ?? .text(nil)
            ),
            ("notices", values(tree.notices)),
            (
                "destinations",
                .array(
                    tree.destinations.map { destination in
                        .object([
                            ("destination", .text(destination.name)),
                            ("status", .text(destination.status.rawValue)),
                            ("retry_count", .integer(Int64(destination.retryCount))),
                            ("listed", .bool(destination.isListed)),
                            ("outcomes", values(destination.outcomes)),
                        ])
                    }
                )
            ),
            (
                "anomalies",
                .array(
                    tree.anomalies.map { anomaly in
                        .object([
                            ("uid", .text(anomaly.uid.name)),
                            ("kind", .text(anomaly.kind.rawValue)),
                        ])
                    }
                )
            ),
            ("removed_count", .integer(Int64(sight.removedCount))),
        ]
    }
}

extension TouchListing {
    /// What a row says is sent, as JSON.
    static func message(of touch: Touch) -> [UInt8]? {
        let json = touch.json
        guard let fields = try? JSONScanner.topLevelRanges(in: json.span.bytes),
            let field = fields.last(where: { $0.key == "message" })
        else { return nil }
        return Array(json[field.range])
    }
}

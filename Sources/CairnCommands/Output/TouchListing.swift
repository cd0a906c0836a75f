internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// How rows of the touch log are shown: under the names of the columns of seed 000.
enum TouchListing {
    static let listing = Listing<TouchRow>(
        columns: [
            .init("position") { .count($0.position.rawValue) },
            .init("created_at") { .time($0.touch.createdTime) },
            .init("type") { .text($0.touch.fact.kind.word) },
            .init("channel") { .text($0.touch.fact.attempt?.channel.word) },
            .init("event") { .text($0.touch.fact.attempt?.event) },
            .init("destinations") { .list($0.touch.fact.addresses) },
            .init("info") { .json($0.touch.fact.info) },
            .init("uid") { .text($0.touch.uid.name) },
        ],
        emptyText: "no such touches"
    )

    /// A row as the table has it, and where it stands.
    static func value(_ row: TouchRow) -> OutputValue {
        .object([
            ("position", .count(row.position.rawValue)),
            ("recorded_at", .time(row.recordedAt)),
            ("uid", .text(row.touch.uid.name)),
            ("user_id", .text(row.touch.user)),
            ("event", event(row.touch)),
            ("created_at", .decimal(OutputValue.number(row.touch.createdAt))),
        ])
    }

    /// The event byte for byte; as a text where it is not JSON, which would break what holds it.
    private static func event(_ touch: Touch) -> OutputValue {
        let json = touch.json
        do throws(JSONError) {
            try JSONScanner.validate(json.span.bytes)
            return .json(json)
        } catch {
            return .text(String(decoding: json, as: UTF8.self))
        }
    }

    /// Prints a user's rows, and what is not among them.
    static func print(
        _ page: TouchPage,
        of user: String,
        _ losses: TouchLosses,
        as format: OutputFormat
    ) throws(CommandFailure) {
        switch format {
        case .text:
            try listing.print(page.rows, as: .text)
            note(page, of: user)
            note(losses)
        case .json:
            var details = Details()
            details.add("user_id", .text(user))
            details.add("touches", .array(page.rows.map(value)))
            details.add("next", .text(page.next?.description))
            details.add("row_count", .integer(Int64(page.rowCount)))
            details.add("removed_count", .integer(Int64(page.removedCount)))
            details.add("dropped_count", .count(losses.dropped.count))
            details.add("interrupted_runs", .count(losses.interruptedRuns))
            try details.print(as: .json)
        }
    }

    private static func note(_ page: TouchPage, of user: String) {
        if let next = page.next {
            Terminal.note(
                "cairn: touches: \(page.rows.count) of \(page.rowCount) rows; go on with "
                    + "--after \(next)"
            )
        }
        if page.removedCount > 0 {
            Terminal.note(
                "cairn: touches: removed of user \(Terminal.printable(user)): "
                    + "\(Wording.counted(page.removedCount, "row"))"
            )
        }
    }

    /// Says what may be missing from the log, whoever's it was.
    private static func note(_ losses: TouchLosses) {
        if losses.dropped.count > 0 {
            Terminal.note(
                "cairn: touches: dropped by queues, of whatever user: "
                    + "\(Wording.counted(losses.dropped.count, "row"))"
            )
        }
        if losses.interruptedRuns > 0 {
            Terminal.note(
                "cairn: touches: ended without a word, and what they held may be missing: "
                    + "\(Wording.counted(losses.interruptedRuns, "run")) of queues"
            )
        }
    }
}

extension TouchFact {
    fileprivate var attempt: TouchAttempt? {
        if case .sendAttempt(let attempt) = self { attempt } else { nil }
    }

    /// All addresses that a row is about, as they may stand in one line.
    fileprivate var addresses: [String] {
        let names: [String] =
            if case .sendReachable(let reach) = self {
                reach.destinations
            } else {
                destination.map { [$0] } ?? []
            }
        return names.map(Terminal.printable)
    }
}

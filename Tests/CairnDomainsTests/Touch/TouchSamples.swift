import CairnCore
@testable import CairnDomains
import CairnTesting

/// Rows of the touch log, drawn or made up.
enum TouchSamples {
    static let user = "utbl-user-7"

    /// A uid with a number in it.
    static func uid(_ number: UInt64) -> TouchUID { TouchUID(high: 0, low: number << 58) }

    /// A row at an instant in seconds.
    static func touch(
        _ uid: TouchUID,
        _ fact: TouchFact,
        at seconds: Double,
        user: String = user
    ) throws -> Touch {
        try Touch(uid: uid, user: user, fact: fact, createdAt: seconds)
    }

    static func attempt(_ channel: TouchChannel = .email) -> TouchFact {
        .sendAttempt(
            TouchAttempt(
                queuedAt: 1_700_000_000.5,
                channel: channel,
                event: "daily_reminder",
                parameters: Array(#"{"name": "Ada"}"#.utf8)
            )
        )
    }

    static func reachable(_ parent: TouchUID, _ destinations: [String]) -> TouchFact {
        .sendReachable(
            TouchReach(
                parent: parent.name,
                message: .sms(body: "Hello"),
                destinations: destinations
            )
        )
    }

    static func failure(_ parent: TouchUID, _ destination: String) -> TouchFailure {
        TouchFailure(
            parent: parent.name,
            destination: destination,
            info: Array(#"{"identifier":"4.0.0"}"#.utf8)
        )
    }

    static let texts = ["", "a", "caf\u{E9}", "line\nbreak \"quoted\"", "\u{1F600}", "long text"]
    static let documents = ["{}", #"{"a": [1, 2.50, null]}"#, "[ ]", "not json", ""]
        .map { Array($0.utf8) }

    /// One fact of a kind.
    static func fact(_ kind: TouchEventKind, _ generator: inout SeededGenerator) -> TouchFact {
        let parent = generator.isHit(1, outOf: 3) ? generator.pick(texts) : uid(1).name
        let failure = TouchFailure(
            parent: parent,
            destination: generator.pick(texts),
            info: generator.pick(documents)
        )
        switch kind {
        case .sendAttempt:
            return .sendAttempt(
                TouchAttempt(
                    queuedAt: Double(generator.draw(-4_000...2_000_000_000)) / 8,
                    channel: generator.pick([.sms, .push, .email, .other("fax"), .other("SMS")]),
                    event: generator.pick(texts),
                    parameters: generator.pick(documents)
                )
            )
        case .sendUnreachable: return .sendUnreachable(parent: parent)
        case .sendStale: return .sendStale(parent: parent)
        case .sendReachable:
            let destinations = (0..<generator.below(4)).map { _ in generator.pick(texts) }
            return .sendReachable(
                TouchReach(
                    parent: parent,
                    message: message(&generator),
                    destinations: destinations
                )
            )
        case .sendRetry: return .sendRetry(failure)
        case .sendAbandon: return .sendAbandon(failure)
        case .sendUnretryable: return .sendUnretryable(failure)
        case .sendSuccess:
            return .sendSuccess(parent: parent, destination: failure.destination)
        }
    }

    static func message(_ generator: inout SeededGenerator) -> TouchMessage {
        switch generator.below(4) {
        case 0: .sms(body: generator.pick(texts))
        case 1:
            .push(
                title: generator.pick(texts),
                body: generator.pick(texts),
                channelID: generator.pick(texts)
            )
        case 2:
            .email(
                subject: generator.pick(texts),
                template: generator.pick(texts),
                parameters: generator.pick(documents)
            )
        default: .other(generator.pick(documents))
        }
    }

    /// One row of a kind, with or without a source of its own.
    static func touch(_ kind: TouchEventKind, _ generator: inout SeededGenerator) -> Touch? {
        let fact = fact(kind, &generator)
        var source: [UInt8]?
        if generator.isHit(1, outOf: 4) { source = fact.json + [0x20] }
        return try? Touch(
            uid: TouchUID(high: generator.next(), low: generator.next()),
            user: generator.pick(["1", "ada@example.com", "\u{1F600}"]),
            fact: fact,
            createdAt: Double(generator.draw(-4_000...2_000_000_000)) / 8,
            source: source
        )
    }

    static let subjects = [
        StoredEventTests.Subject("touch", TouchMachine()) {
            var generator = SeededGenerator(seed: 401)
            let rows = TouchEventKind.allCases.flatMap { kind in
                (0..<20).compactMap { _ in touch(kind, &generator) }
            }
            let removal = Removal(.stream, at: .unixEpoch, by: "ada", reason: "caf\u{E9}")
            return rows.map { .logged($0) } + [.removed(removal)]
        },
        StoredEventTests.Subject("truncation", TruncationMachine()) {
            let reason = "the table was backed up to the archive and then truncated"
            return [.distantPast, .unixEpoch, .distantFuture].flatMap { instant in
                [
                    Removal(.before(instant), at: .distantFuture),
                    Removal(.before(instant), at: .distantPast, by: "ada", reason: reason),
                ]
            }
        },
        StoredEventTests.Subject("touch queue", TouchQueueMachine()) {
            var counts = TouchCounts()
            counts.taken = .max
            counts.appended = 2
            counts.duplicates = 3
            counts.dropped.full = 4
            counts.dropped.failed = 5
            counts.dropped.refused = 6
            counts.dropped.late = .max
            counts.dropped.byteCount = 8
            let empty: [TouchQueueMachine.Fact] = [
                .began, .interrupted, .dropped(TouchDrops()), .ended(TouchCounts()),
            ]
            let spans: [ClosedRange<Double>] = [-1.5...0, 0...0.5, 1...1_700_000_000.25]
            let full = spans.flatMap { span -> [TouchQueueMachine.Fact] in
                counts.dropped.span = span
                return [.dropped(counts.dropped), .ended(counts)]
            }
            return (empty + full).map {
                TouchQueueMachine.Event($0, of: WorkerNumber(rawValue: .max), at: .unixEpoch)
            }
        },
    ]
}

import CairnTesting

/// Receipts of payments by the caller's key.
private struct Desk: Sendable {
    let hasBug: Bool
    var keys = Pool<String>()
    var model: [String: Int] = [:]
    private var receipts: [String: Int] = [:]

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func submit(_ key: String) -> Int {
        // The bug: keys of four letters were long enough for everyone.
        let key = hasBug ? String(key.prefix(4)) : key
        if let receipt = receipts[key] { return receipt }
        receipts[key] = receipts.count + 1
        return receipts.count
    }
}

/// A counter that knows which events it has seen.
private struct Deduper: Sendable {
    let hasBug: Bool
    var model: Set<Int> = []
    private(set) var count = 0
    private var seen: [Int] = []

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func receive(_ id: Int) {
        guard !seen.contains(id) else { return }
        count += 1
        seen.append(id)
        // The bug: only the last three are remembered.
        if hasBug { seen = seen.suffix(3) }
    }
}

/// Counters that count on their own and tell each other.
private struct Counters: Sendable {
    let hasBug: Bool
    var model = 0
    private(set) var counts = [[0, 0], [0, 0]]

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func add(at replica: Int) { counts[replica][replica] += 1 }

    mutating func merge(_ other: Int, into replica: Int) {
        // The bug: what is told twice is counted twice.
        counts[replica] = zip(counts[replica], counts[other]).map { hasBug ? $0 + $1 : max($0, $1) }
    }
}

/// Processes that know how much of each other they have heard.
private struct Clocks: Sendable {
    let hasBug: Bool
    /// The events each process knows of, by the process in which they happened.
    var known = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]
    private(set) var clocks = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func tick(_ process: Int) {
        known[process][process] += 1
        clocks[process][process] += 1
    }

    mutating func hear(_ other: Int, at process: Int) {
        known[process] = zip(known[process], known[other]).map { max($0, $1) }
        // The bug: what was heard takes the place of what was known.
        clocks[process] = hasBug ? clocks[other] : known[process]
    }
}

/// The status of an interaction, as a provider's callbacks tell it.
private enum Status: Int, Sendable, CustomStringConvertible {
    case sent, delivered, opened

    var description: String { ["sent", "delivered", "opened"][rawValue] }
}

extension GallerySubject {
    static let delivery = [desk, deduper, counters, clocks, callbacks, redelivery]

    private static let desk = GallerySubject(
        "idempotency keys compared by their beginnings",
        minimal: [#"submit(key: "aaaa")"#, #"submit(key: "aaaaa")"#],
        reason: """
            Two keys with the same first four letters: the shorter has those four, or its own \
            beginning would be shorter, and the other one more.
            """,
        startingWith: { Desk(hasBug: $0) },
        rules: [
            Rule("submit") { desk, draw in
                let key = try draw.reuse(desk.keys, or: .text(), "key")
                desk.keys.add(key)
                let expected = desk.model[key] ?? desk.model.count + 1
                desk.model[key] = expected
                try draw.expect(desk.submit(key), equals: expected)
            }
        ]
    )

    private static let deduper = GallerySubject(
        "duplicate that comes after the window",
        minimal: ["receive(0)", "receive(1)", "receive(2)", "receive(3)", "receive(0)"],
        reason: "Three others push the first out of the window; then it comes again.",
        startingWith: { Deduper(hasBug: $0) },
        rules: [
            Rule("receive") { deduper, draw in
                let id = try draw(.int(in: 0...999).repeating())
                deduper.model.insert(id)
                deduper.receive(id)
            }
        ],
        invariants: [Invariant("each is counted once") { $0.count == $0.model.count }]
    )

    private static let counters = GallerySubject(
        "merge that adds what it knows",
        minimal: ["add(0)", "merge(from: 0, into: 0)"],
        reason: "Something has to be counted; a replica that hears itself hears nothing new.",
        startingWith: { Counters(hasBug: $0) },
        rules: [
            Rule("add") { counters, draw in
                counters.model += 1
                counters.add(at: try draw(.int(in: 0...1)))
            },
            Rule("merge") { counters, draw in
                let other = try draw(.int(in: 0...1), "from")
                counters.merge(other, into: try draw(.int(in: 0...1), "into"))
            },
        ],
        invariants: [
            Invariant("no replica counts more than there is") { counters in
                counters.counts.allSatisfy { $0.reduce(0, +) <= counters.model }
            }
        ]
    )

    private static let clocks = GallerySubject(
        "vector clock that is replaced, not merged",
        minimal: ["tick(0)", "hear(from: 1, at: 0)"],
        reason: "A process that knows something hears another that does not.",
        startingWith: { Clocks(hasBug: $0) },
        rules: [
            Rule("tick") { clocks, draw in clocks.tick(try draw(.int(in: 0...2))) },
            Rule("hear") { clocks, draw in
                let other = try draw(.int(in: 0...2), "from")
                clocks.hear(other, at: try draw(.int(in: 0...2), "at"))
            },
        ],
        invariants: [Invariant("a clock has all that is known") { $0.clocks == $0.known }]
    )

    private static let callbacks = GallerySubject(
        "status that the last callback decides",
        kind: .deliveries,
        minimal: ["arrivals: [sent, opened, delivered]"],
        reason: """
            Without repetitions the last one must not be the highest. The first keeps its place, \
            and the other two change theirs.
            """
    ) { hasBug, draw in
        let sent: [Status] = [.sent, .delivered, .opened]
        let arrivals = try draw(.deliveries(of: sent), "arrivals")
        var status = Status.sent
        // The bug: later is taken for further.
        for next in arrivals where hasBug || next.rawValue > status.rawValue { status = next }
        try draw.expect(status, equals: .opened)
    }

    private static let redelivery = GallerySubject(
        "amount that is added at every delivery",
        kind: .deliveries,
        minimal: ["amounts: [1]", "arrivals: [0, 0]"],
        reason: "One payment of the least amount, delivered twice."
    ) { hasBug, draw in
        let amounts = try draw(.array(of: .int(in: 1...999), count: 0...5), "amounts")
        let arrivals = try draw(.deliveries(of: Array(amounts.indices)), "arrivals")
        var (total, seen) = (0, Set<Int>())
        for payment in arrivals {
            // The bug: whether it was there before makes no difference.
            if seen.insert(payment).inserted || hasBug { total += amounts[payment] }
        }
        try draw.expect(total, equals: amounts.reduce(0, +))
    }
}

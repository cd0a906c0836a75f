import CairnTesting

/// An account whose state is written down now and then, and read back after a crash.
private struct Ledger: Sendable {
    struct State: Hashable, Sendable { var balance = 0, held = 0 }
    enum Event: Hashable, Sendable { case deposited(Int), held(Int) }

    let hasBug: Bool
    private(set) var state = State()
    private var events: [Event] = []
    private var checkpoint = (state: State(), eventCount: 0)

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func append(_ event: Event) {
        events.append(event)
        Self.evolve(&state, by: event)
    }

    mutating func keep() {
        checkpoint = (state, events.count)
        // The bug: a field that came later is not written.
        if hasBug { checkpoint.state.held = 0 }
    }

    mutating func restart() {
        state = checkpoint.state
        for event in events[checkpoint.eventCount...] { Self.evolve(&state, by: event) }
    }

    private static func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .deposited(let amount): state.balance += amount
        case .held(let amount): state.held += amount
        }
    }

    var isAsReplayed: Bool {
        var replayed = State()
        for event in events { Self.evolve(&replayed, by: event) }
        return state == replayed
    }
}

/// A writer that numbers what it appends; an append may be aborted.
private struct Numberer: Sendable {
    let hasBug: Bool
    private(set) var numbers: [Int] = []
    private var last = 0

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func append(isAborted: Bool) {
        last += 1
        if !isAborted { return numbers.append(last) }
        // The bug: the number is gone with the append.
        if !hasBug { last -= 1 }
    }
}

/// A journey of some bookings, all or none of which stand.
private struct Journey {
    let hasBug: Bool
    private(set) var booked: [Int] = []
    private(set) var cancelled: [Int] = []

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func book(_ places: [Int], failingAt failure: Int) {
        for (step, place) in places.enumerated() {
            guard step != failure else {
                // The bug: what was booked first goes first, with all that hangs on it.
                cancelled = hasBug ? booked : booked.reversed()
                return
            }
            booked.append(place)
        }
    }
}

/// Jobs on a disk, some of which were begun by a worker that is gone.
private struct Resumption: Sendable {
    let hasBug: Bool
    /// How many of the items each run did, by the item's place.
    private(set) var doneCounts = [0, 0, 0, 0, 0]
    private var cursor = 0
    private var storedCursor = 0

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func work() {
        guard cursor < doneCounts.count else { return }
        // The bug: the cursor is stored before the item is done, and then it may not be.
        if hasBug { storedCursor = cursor + 1 }
        doneCounts[cursor] += 1
        cursor += 1
        storedCursor = cursor
    }

    mutating func workAndCrash() {
        guard cursor < doneCounts.count else { return }
        if hasBug { storedCursor = cursor + 1 }
        cursor = storedCursor
    }

    var isInOrder: Bool {
        doneCounts.enumerated().allSatisfy { place, count in count == (place < cursor ? 1 : 0) }
    }
}

extension GallerySubject {
    static let recovery = [ledger, numberer, journey, resumption]

    private static let ledger = GallerySubject(
        "checkpoint that forgets a field",
        minimal: ["hold(1)", "checkpoint()", "restart()"],
        reason: "Something has to be in the field, be written down, and be read back.",
        startingWith: { Ledger(hasBug: $0) },
        rules: [
            Rule("deposit") { ledger, draw in
                ledger.append(.deposited(try draw(.int(in: 1...99))))
            },
            Rule("hold") { ledger, draw in ledger.append(.held(try draw(.int(in: 1...99)))) },
            Rule("checkpoint") { ledger, _ in ledger.keep() },
            Rule("restart") { ledger, _ in ledger.restart() },
        ],
        invariants: [Invariant("the state is that of its events") { $0.isAsReplayed }]
    )

    private static let numberer = GallerySubject(
        "sequence with a gap after an aborted append",
        minimal: ["append(isAborted: true)", "append(isAborted: false)"],
        reason: "The gap shows at the first append that stands after one that does not.",
        startingWith: { Numberer(hasBug: $0) },
        rules: [
            Rule("append") { numberer, draw in
                numberer.append(isAborted: try draw(.bool(percent: 10), "isAborted"))
            }
        ],
        invariants: [
            Invariant("numbers have no gap") { numberer in
                numberer.numbers.enumerated().allSatisfy { $0.element == $0.offset + 1 }
            }
        ]
    )

    private static let journey = GallerySubject(
        "compensations in the order of the steps",
        minimal: ["places: [0, 1, 0]", "failingAt: 2"],
        reason: """
            Two different bookings have to stand when a third fails; which one that is does not \
            matter.
            """
    ) { hasBug, draw in
        let places = try draw(.array(of: .int(in: 0...99)), "places")
        let failure = try draw(.int(in: 0...20), "failingAt")
        var journey = Journey(hasBug: hasBug)
        journey.book(places, failingAt: failure)
        let expected = failure < places.count ? Array(journey.booked.reversed()) : []
        try draw.expect(journey.cancelled, equals: expected)
    }

    private static let resumption = GallerySubject(
        "cursor stored before the item is done",
        minimal: ["crash()"],
        reason: "The first item is skipped when the worker dies in its middle.",
        startingWith: { Resumption(hasBug: $0) },
        rules: [
            Rule("work") { run, _ in run.work() },
            Rule("crash") { run, _ in run.workAndCrash() },
        ],
        invariants: [Invariant("each item is done once") { $0.isInOrder }]
    )
}

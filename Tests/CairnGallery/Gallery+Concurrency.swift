import CairnTesting

/// An account that asks someone else between looking and taking.
private actor Purse {
    private let hasBug: Bool
    private(set) var balance = 100

    init(hasBug: Bool) { self.hasBug = hasBug }

    func withdraw(_ amount: Int) async {
        guard balance >= amount else { return }
        await Task.yield()
        // The bug: what was looked at before the wait is taken to hold behind it.
        if hasBug || balance >= amount { balance -= amount }
    }
}

/// A row with a version, that is written only if nobody else has.
private actor Row {
    private let hasBug: Bool
    private(set) var value = (number: 0, version: 0)

    init(hasBug: Bool) { self.hasBug = hasBug }

    func write(_ number: Int, ifVersion version: Int) -> Bool {
        // The bug: the version is asked for and not looked at.
        guard hasBug || version == value.version else { return false }
        value = (number, value.version + 1)
        return true
    }

    nonisolated func add(_ amount: Int) async {
        while true {
            let old = await value
            await Task.yield()
            if await write(old.number + amount, ifVersion: old.version) { return }
        }
    }
}

/// Something that is made when it is first asked for.
private actor Lazily {
    private let hasBug: Bool
    private(set) var madeCount = 0
    private var isMaking = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(hasBug: Bool) { self.hasBug = hasBug }

    func get() async -> Int {
        if madeCount > 0 { return madeCount }
        // The bug: whoever comes while it is being made makes another.
        if isMaking, !hasBug {
            await withCheckedContinuation { waiting.append($0) }
            return madeCount
        }
        isMaking = true
        await Task.yield()
        madeCount += 1
        for one in waiting { one.resume() }
        return madeCount
    }
}

/// A lock for which tasks wait in line.
private actor Latch {
    private var isHeld = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func lock() async {
        guard isHeld else { return isHeld = true }
        await withCheckedContinuation { waiting.append($0) }
    }

    func unlock() {
        guard !waiting.isEmpty else { return isHeld = false }
        waiting.removeFirst().resume()
    }
}

/// A store with a cache in front of it.
private actor Shelf {
    private let hasBug: Bool
    private(set) var stored = 1
    private var cached: Int?
    private var version = 0

    init(hasBug: Bool) { self.hasBug = hasBug }

    func read() async -> Int {
        if let cached { return cached }
        let (found, seen) = (stored, version)
        await Task.yield()
        // The bug: what was found is kept though it was changed meanwhile.
        if hasBug || seen == version { cached = found }
        return found
    }

    func write(_ number: Int) {
        stored = number
        version += 1
        cached = nil
    }
}

/// Connections that are lent and given back.
private actor Lender {
    private let hasBug: Bool
    private var free: [Int] = []
    private var madeCount = 0

    init(hasBug: Bool) { self.hasBug = hasBug }

    func take() -> Int {
        if let known = free.popLast() { return known }
        madeCount += 1
        return madeCount - 1
    }

    func giveBack(_ connection: Int) {
        // The bug: what is given back twice is lent twice.
        if hasBug || !free.contains(connection) { free.append(connection) }
    }
}

extension GallerySubject {
    static let concurrency = [lender, purse, row, lazily, latches, shelf]

    /// A lender, and who holds what.
    private struct Lending: Sendable {
        let lender: Lender
        var known = Pool<Int>()
        var held: Set<Int> = []
    }

    private static let lender = GallerySubject(
        "connection that is given back twice and lent twice",
        minimal: [
            "take()", "giveBack(connection: 0)", "giveBack(connection: 0)", "take()", "take()",
        ],
        reason: """
            Two have to take after one was given back twice, and nobody may take it between the \
            two times; and to be given back it has to be taken.
            """,
        startingWith: { Lending(lender: Lender(hasBug: $0)) },
        asyncRules: [
            AsyncRule("take") { lending, draw in
                let connection = await lending.lender.take()
                lending.known.removeAll { $0 == connection }
                lending.known.add(connection)
                try draw.expect(lending.held.insert(connection).inserted)
            },
            AsyncRule("giveBack", when: { !$0.known.isEmpty }) { lending, draw in
                let connection = try draw.pick(lending.known, "connection")
                lending.held.remove(connection)
                await lending.lender.giveBack(connection)
            },
        ]
    )

    private static let purse = GallerySubject(
        "balance looked at before a wait",
        minimal: ["first: 1", "second: 100"],
        reason: """
            Both look before either takes, in the order of arrival already. Together they have to \
            take more than 100, each alone no more.
            """,
        schedule: .any
    ) { hasBug, draw in
        let first = try draw(.int(in: 1...100), "first")
        let second = try draw(.int(in: 1...100), "second")
        let purse = Purse(hasBug: hasBug)
        async let one: Void = purse.withdraw(first)
        async let other: Void = purse.withdraw(second)
        _ = await (one, other)
        try draw.expect(await purse.balance >= 0)
    }

    private static let row = GallerySubject(
        "write that does not look at the version",
        minimal: ["schedule: job 6: task 2 is delayed"],
        reason: """
            In the order of arrival the first is done when the second begins, so it takes one \
            departure. Job 1 starts both; 2 is the first, which asks the row; 3 the second, which \
            lets others pass; 4 the row, which answers; 5 the second again; 6 the first, which \
            has read and not written. To hold the row back before it answers, at job 4, does as \
            well, but then there is one more decision to make behind it.
            """,
        schedule: .any
    ) { hasBug, draw in
        let row = Row(hasBug: hasBug)
        await withTaskGroup { group in
            group.addTask { await row.add(1) }
            group.addTask {
                for _ in 0..<8 { await Task.yield() }
                await row.add(1)
            }
        }
        try draw.expect(await row.value.number, equals: 2)
    }

    private static let lazily = GallerySubject(
        "thing that is made twice",
        minimal: [],
        reason: "In the order of arrival the second asks while the first one waits.",
        schedule: .any
    ) { hasBug, draw in
        let thing = Lazily(hasBug: hasBug)
        async let one = thing.get()
        async let other = thing.get()
        _ = await (one, other)
        try draw.expect(await thing.madeCount, equals: 1)
    }

    private static let latches = GallerySubject(
        "two locks taken in either order",
        minimal: ["transfers: [(0, 1), (1, 0)]"],
        reason: """
            Two transfers in opposite directions between the first two accounts; in the order of \
            arrival each has one lock when it asks for the other.
            """,
        schedule: .any
    ) { hasBug, draw in
        let account = Generator<Int>.int(in: 0...2)
        let pair = Generator<(Int, Int)>.tuple(account, account).filter { $0 != $1 }
        let transfers = try draw(.array(of: pair, count: 0...4), "transfers")
        let latches = [Latch(), Latch(), Latch()]
        await withTaskGroup { group in
            for (from, to) in transfers {
                // The bug: locks are taken as the transfer names them.
                let order = hasBug ? [from, to] : [from, to].sorted()
                group.addTask {
                    await latches[order[0]].lock()
                    await Task.yield()
                    await latches[order[1]].lock()
                    await latches[order[1]].unlock()
                    await latches[order[0]].unlock()
                }
            }
        }
    }

    private static let shelf = GallerySubject(
        "cache filled with what was there before",
        minimal: [],
        reason: "In the order of arrival the write comes while the read waits.",
        schedule: .any
    ) { hasBug, draw in
        let shelf = Shelf(hasBug: hasBug)
        async let one = shelf.read()
        async let other: Void = shelf.write(2)
        _ = await (one, other)
        try draw.expect(await shelf.read(), equals: 2)
    }
}

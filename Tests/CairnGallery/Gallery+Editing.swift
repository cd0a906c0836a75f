import CairnTesting

/// A value that can be changed back and forth.
private struct History: Sendable {
    let hasBug: Bool
    var model = [0]
    var modelPlace = 0
    private(set) var value = 0
    private var undone: [Int] = []
    private var done: [Int] = []

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func set(_ new: Int) {
        done.append(value)
        value = new
        // The bug: what was undone can still be done again, after something else.
        if !hasBug { undone = [] }
    }

    mutating func undo() {
        guard let old = done.popLast() else { return }
        undone.append(value)
        value = old
    }

    mutating func redo() {
        guard let new = undone.popLast() else { return }
        done.append(value)
        value = new
    }
}

/// Nodes that go with the one they hang on.
private struct Forest: Sendable {
    let hasBug: Bool
    var nodes = Pool<Int>()
    private(set) var parents: [Int: Int] = [:]
    private var nodeCount = 1

    init(hasBug: Bool) {
        self.hasBug = hasBug
        nodes.add(0)
    }

    mutating func add(under parent: Int) {
        parents[nodeCount] = parent
        nodes.add(nodeCount)
        nodeCount += 1
    }

    mutating func remove(_ node: Int) {
        var gone: Set<Int> = [node]
        var level = gone
        repeat {
            level = Set(parents.keys.filter { level.contains(parents[$0] ?? 0) })
            gone.formUnion(level)
            // The bug: children go, and theirs stay.
        } while !level.isEmpty && !hasBug
        for node in gone { parents[node] = nil }
        nodes.removeAll { gone.contains($0) }
    }

    var isWhole: Bool { parents.values.allSatisfy { nodes.values.contains($0) } }
}

/// A register to which late writes come as well.
private struct Register: Sendable {
    let hasBug: Bool
    var model: (time: Int, isThere: Bool)?
    private var latest: (time: Int, isThere: Bool)?

    init(hasBug: Bool) { self.hasBug = hasBug }

    var isThere: Bool { latest?.isThere ?? false }

    mutating func write(_ isThere: Bool, at time: Int) {
        guard time > latest?.time ?? -1 else { return }
        // The bug: what is deleted is forgotten, and so is when.
        latest = isThere || !hasBug ? (time, isThere) : nil
    }
}

extension GallerySubject {
    static let editing = [history, forest, register]

    private static let history = GallerySubject(
        "redo that survives a new change",
        minimal: ["set(0)", "undo()", "set(1)", "redo()"],
        reason: """
            There has to be something to undo, then something new, then redo; the values have to \
            differ, and the first may be the smaller.
            """,
        startingWith: { History(hasBug: $0) },
        rules: [
            Rule("set") { history, draw in
                let value = try draw(.int(in: 0...9))
                history.model = history.model[...history.modelPlace] + [value]
                history.modelPlace += 1
                history.set(value)
            },
            Rule("undo") { history, _ in
                history.modelPlace = max(0, history.modelPlace - 1)
                history.undo()
            },
            Rule("redo") { history, _ in
                history.modelPlace = min(history.model.count - 1, history.modelPlace + 1)
                history.redo()
            },
        ],
        invariants: [Invariant("the value is right") { $0.value == $0.model[$0.modelPlace] }]
    )

    private static let forest = GallerySubject(
        "removal that leaves grandchildren",
        minimal: ["add(under: 0)", "add(under: 1)", "add(under: 2)", "remove(1)"],
        reason: "The root 0 stays, so it takes a node, its child and its grandchild below it.",
        startingWith: { Forest(hasBug: $0) },
        rules: [
            Rule("add") { forest, draw in
                forest.add(under: try draw.pick(forest.nodes, "under"))
            },
            Rule("remove", when: { $0.nodes.count > 1 }) { forest, draw in
                let place = try draw(.int(in: 1...forest.nodes.count - 1))
                forest.remove(forest.nodes.values[place])
            },
        ],
        invariants: [Invariant("every node hangs on one") { $0.isWhole }]
    )

    private static let register = GallerySubject(
        "deleted entry that a late write brings back",
        minimal: ["delete(at: 0)", "put(at: 0)"],
        reason: """
            A delete and a put that is not later. Of two at one instant the first one counts, so \
            both may be at 0.
            """,
        startingWith: { Register(hasBug: $0) },
        rules: ["put", "delete"].map { name in
            Rule(name) { register, draw in
                let time = try draw(.int(in: 0...999), "at")
                let isLater = time > register.model?.time ?? -1
                if isLater { register.model = (time, name == "put") }
                register.write(name == "put", at: time)
            }
        },
        invariants: [
            Invariant("it is as the latest says") { $0.isThere == $0.model?.isThere ?? false }
        ]
    )
}

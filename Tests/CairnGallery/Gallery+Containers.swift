import CairnTesting

/// A queue in a ring of slots, which doubles when it is full.
private struct RingQueue: Sendable {
    let hasBug: Bool
    var model: [Int] = []
    private var slots = [0, 0]
    private var head = 0
    private var count = 0

    init(hasBug: Bool) { self.hasBug = hasBug }

    var elements: [Int] { (0..<count).map { slots[(head + $0) % slots.count] } }

    mutating func push(_ value: Int) {
        if count == slots.count { grow() }
        slots[(head + count) % slots.count] = value
        count += 1
    }

    mutating func pop() {
        head = (head + 1) % slots.count
        count -= 1
    }

    private mutating func grow() {
        let room = [Int](repeating: 0, count: slots.count)
        // The bug: slots that wrapped round stay in front of those before them.
        if hasBug { return slots += room }
        slots = elements + room
        head = 0
    }
}

/// A cache of two keys that makes room by forgetting the one unused for longest.
private struct RecencyCache: Sendable {
    let hasBug: Bool
    var model: [Int] = []
    /// The one unused for longest comes first.
    private(set) var keys: [Int] = []

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func put(_ key: Int) {
        keys.removeAll { $0 == key }
        if keys.count == 2 { keys.removeFirst() }
        keys.append(key)
    }

    mutating func get(_ key: Int) {
        // The bug: reading is no use, so the first in is the first out.
        guard keys.contains(key), !hasBug else { return }
        keys.removeAll { $0 == key }
        keys.append(key)
    }

    static func use(_ key: Int, in model: inout [Int], isPut: Bool) {
        guard isPut || model.contains(key) else { return }
        model = (model.filter { $0 != key } + [key]).suffix(2)
    }
}

/// A binary heap whose priorities may be lowered.
private struct DecreasingHeap: Sendable {
    let hasBug: Bool
    var items = Pool<Int>()
    var model: [Int: Int] = [:]
    private var heap: [(item: Int, priority: Int)] = []

    init(hasBug: Bool) { self.hasBug = hasBug }

    var least: Int? { heap.first?.priority }

    mutating func insert(_ priority: Int) {
        let item = items.count
        items.add(item)
        model[item] = priority
        heap.append((item, priority))
        siftUp(heap.count - 1)
    }

    mutating func decrease(_ item: Int, to priority: Int) {
        model[item] = priority
        guard let place = heap.firstIndex(where: { $0.item == item }) else { return }
        heap[place].priority = priority
        // The bug: what became small stays where it was large.
        if !hasBug { siftUp(place) }
    }

    private mutating func siftUp(_ start: Int) {
        var place = start
        while place > 0, heap[place].priority < heap[(place - 1) / 2].priority {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }
}

extension GallerySubject {
    static let containers = [ringQueue, recencyCache, decreasingHeap]

    private static let ringQueue = GallerySubject(
        "ring queue that grows while wrapped",
        minimal: ["push(0)", "push(0)", "pop()", "push(1)", "push(0)"],
        reason: """
            Wrapping takes a pop with the ring full behind it: of two slots, three pushes and a \
            pop. A fourth push makes it grow. The pop comes as late as it can, because push is the \
            first rule. Only the third value is lost, and reads as the 0 of an empty slot, so it \
            has to be 1.
            """,
        startingWith: { RingQueue(hasBug: $0) },
        rules: [
            Rule("push") { queue, draw in
                let value = try draw(.int(in: 0...9))
                queue.model.append(value)
                queue.push(value)
            },
            Rule("pop", when: { !$0.model.isEmpty }) { queue, _ in
                queue.model.removeFirst()
                queue.pop()
            },
        ],
        invariants: [Invariant("it holds what was pushed") { $0.elements == $0.model }]
    )

    private static let recencyCache = GallerySubject(
        "cache that evicts the oldest, not the unused",
        minimal: ["put(0)", "put(1)", "get(0)", "put(2)"],
        reason: """
            The two orders differ only once the older of two keys was read, and that shows only \
            when a third key comes. Keys are named in the order in which they come.
            """,
        startingWith: { RecencyCache(hasBug: $0) },
        rules: [
            Rule("put") { cache, draw in
                let key = try draw(.int(in: 0...9))
                RecencyCache.use(key, in: &cache.model, isPut: true)
                cache.put(key)
            },
            Rule("get") { cache, draw in
                let key = try draw(.int(in: 0...9))
                RecencyCache.use(key, in: &cache.model, isPut: false)
                cache.get(key)
            },
        ],
        invariants: [Invariant("the right keys stay") { Set($0.keys) == Set($0.model) }]
    )

    private static let decreasingHeap = GallerySubject(
        "heap that leaves a lowered priority in its place",
        minimal: ["insert(1)", "insert(1)", "decrease(item: 1, to: 0)"],
        reason: """
            One item is always at the top, so it takes two, the second below the first, and one \
            decrease to below the first. Below the first there has to be room, so it is 1; the \
            second starts no lower than the first, or it would stand at the top.
            """,
        startingWith: { DecreasingHeap(hasBug: $0) },
        rules: [
            Rule("insert") { heap, draw in heap.insert(try draw(.int(in: 0...9))) },
            Rule("decrease", when: { !$0.items.isEmpty }) { heap, draw in
                let item = try draw.pick(heap.items, "item")
                let priority = try draw(.int(in: 0...(heap.model[item] ?? 0)), "to")
                heap.decrease(item, to: priority)
            },
        ],
        invariants: [Invariant("the least is at the top") { $0.least == $0.model.values.min() }]
    )
}

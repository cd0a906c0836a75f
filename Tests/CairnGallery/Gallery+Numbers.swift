import CairnTesting

/// A table of eight places, with a key that finds its own taken in the next free one.
private struct ProbingTable {
    private var slots = [Int?](repeating: nil, count: 8)

    init(_ keys: [Int]) {
        for key in keys {
            var place = key % slots.count
            while slots[place] != nil { place = (place + 1) % slots.count }
            slots[place] = key
        }
    }

    var keys: [Int] { slots.compactMap { $0 } }
}

/// Rows by time, read in pages of two.
private struct Pages {
    let rows: [Int]
    let hasBug: Bool

    /// The places of all rows, as someone who turns the pages gets them.
    var read: [Int] {
        var (places, cursor): ([Int], (time: Int, place: Int)) = ([], (-1, -1))
        while true {
            let sorted = rows.enumerated()
                .sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }
            let rest = sorted.filter { place, time in
                // The bug: rows of one time that the page's end parts are passed over.
                hasBug ? time > cursor.time : (time, place) > cursor
            }
            let page = rest.prefix(2)
            guard let last = page.last else { return places }
            places += page.map(\.offset)
            cursor = (last.element, last.offset)
        }
    }
}

extension GallerySubject {
    static let numbers = [midpoint, accumulation, hashOrder, pages]

    private static let midpoint = GallerySubject(
        "middle of two numbers whose sum overflows",
        minimal: ["low: 1", "high: 2147483647"],
        reason: "With 0 below, the sum is never too large; with 1 it is for the greatest number."
    ) { hasBug, draw in
        let low: Int32 = try draw(.integer(in: 0...Int32.max), "low")
        let high: Int32 = try draw(.integer(in: low...Int32.max), "high")
        // The bug: the sum comes first.
        let middle = hasBug ? (low &+ high) / 2 : low + (high - low) / 2
        try draw.expect(low <= middle && middle <= high)
    }

    private static let accumulation = GallerySubject(
        "total that depends on the order of its parts",
        minimal: ["cents: [1, 1, 4]", "arrivals: [1, 4, 1]"],
        reason: """
            Two numbers add up alike in both orders. Of all lists of three the first, by \
            enumeration in another language, whose sum as IEEE doubles depends on the order; of \
            its orders the first that shows it.
            """
    ) { hasBug, draw in
        let cents = try draw(.array(of: .int(in: 0...10_000)), "cents")
        let arrivals = try draw(.shuffled(cents), "arrivals")
        func total(_ cents: [Int]) -> Double {
            // The bug: each part is rounded on its own.
            hasBug
                ? cents.reduce(0.0) { $0 + Double($1) / 100 } : Double(cents.reduce(0, +)) / 100
        }
        try draw.expect(total(arrivals), equals: total(cents))
    }

    private static let hashOrder = GallerySubject(
        "digest that depends on the order of a hash table",
        minimal: ["keys: [0, 8]", "arrivals: [8, 0]"],
        reason: "Two keys of one place: whichever comes first has it. 0 and the next, 8."
    ) { hasBug, draw in
        let keys = try draw(.uniqueArray(of: .int(in: 0...99), count: 0...8), "keys")
        let arrivals = try draw(.shuffled(keys), "arrivals")
        func digest(_ keys: [Int]) -> [Int] {
            let keys = ProbingTable(keys).keys
            // The bug: keys are taken as they lie.
            return hasBug ? keys : keys.sorted()
        }
        try draw.expect(digest(arrivals), equals: digest(keys))
    }

    private static let pages = GallerySubject(
        "page cursor that passes over equal times",
        minimal: ["times: [0, 0, 0]"],
        reason: "A page has two rows, so it takes three of one time to part some."
    ) { hasBug, draw in
        let times = try draw(.array(of: .int(in: 0...999)), "times")
        let read = Pages(rows: times, hasBug: hasBug).read
        try draw.expect(read.sorted(), equals: Array(times.indices))
    }
}

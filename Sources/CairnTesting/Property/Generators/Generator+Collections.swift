extension Tape {
    /// Asks before each element whether there is one, so that deleting one is a simpler case.
    ///
    /// - Parameters:
    ///   - count: How many elements there may be.
    ///   - element: Makes one, and says whether it counts.
    /// - Throws: ``CaseStop``.
    func elements(
        _ count: ClosedRange<Int>,
        _ element: () throws(CaseStop) -> Bool
    ) throws(CaseStop) {
        let planned = withRandom { random in
            random.length(from: count.lowerBound, through: count.upperBound, fullness: fullness)
        }
        var made = 0
        // Those since the last that counted: they end a collection that they could keep going for
        // ever. The more there is already, the more of them chance alone has.
        var rejected = 0
        while true {
            beginSpan(Self.elementLabel)
            if try !hasElement(made, of: count, planned: planned) {
                endSpan()
                return
            }
            let isCounted = try element()
            endSpan(isDiscarded: !isCounted)
            if isCounted {
                made += 1
                rejected = 0
                continue
            }
            rejected += 1
            guard rejected <= Self.rejectionCountMax + made * Self.rejectionFactor else {
                if made < count.lowerBound { throw end(.filter) }
                return
            }
        }
    }

    private static let rejectionCountMax = 16
    private static let rejectionFactor = 4
    private static let elementLabel = SpanLabel("element")

    private func hasElement(
        _ made: Int,
        of count: ClosedRange<Int>,
        planned: Int?
    ) throws(CaseStop) -> Bool {
        // Nothing to ask where every element is due.
        if count.lowerBound == count.upperBound { return made < count.upperBound }
        if made < count.lowerBound { return try choose(.integer(.forced(true))) != 0 }
        if made >= count.upperBound { return try choose(.integer(.forced(false))) != 0 }
        let suggestion: Int128? = planned.map { made < $0 ? 1 : 0 }
        return try choose(.integer(.bool), suggestion: suggestion) != 0
    }
}

extension Generator {
    /// Lists, the shortest of which is simplest.
    public static func array<Element>(
        of element: Generator<Element>,
        count: ClosedRange<Int> = 0...Int.max
    ) -> Generator where Value == [Element] {
        let count = checked(count)
        return Generator(label: SpanLabel("array").of(element.label)) { draw throws(CaseStop) in
            var elements: [Element] = []
            try draw.tape.elements(count) { () throws(CaseStop) in
                elements.append(try element.draw(&draw))
                return true
            }
            return elements
        }
    }

    /// Lists whose elements all differ.
    ///
    /// Where too many elements in a row come that are there already, the case is discarded, or there
    /// are fewer where there may be.
    public static func uniqueArray<Element: Hashable & SendableMetatype>(
        of element: Generator<Element>,
        count: ClosedRange<Int> = 0...Int.max
    ) -> Generator where Value == [Element] {
        let count = checked(count)
        return Generator(label: SpanLabel("unique").of(element.label)) { draw throws(CaseStop) in
            var elements: [Element] = []
            var known: Set<Element> = []
            try draw.tape.elements(count) { () throws(CaseStop) in
                let value = try element.draw(&draw)
                guard known.insert(value).inserted else { return false }
                elements.append(value)
                return true
            }
            return elements
        }
    }

    /// Sets, the smallest of which is simplest.
    ///
    /// Where too many elements in a row come that are there already, the case is discarded, or there
    /// are fewer where there may be.
    public static func set<Element: Hashable & SendableMetatype>(
        of element: Generator<Element>,
        count: ClosedRange<Int> = 0...Int.max
    ) -> Generator where Value == Set<Element> {
        Generator<[Element]>.uniqueArray(of: element, count: count).map { Set($0) }
    }

    /// Dictionaries, the smallest of which is simplest.
    ///
    /// Where too many keys in a row come that are there already, the case is discarded, or there
    /// are fewer where there may be.
    public static func dictionary<Key: Hashable & SendableMetatype, Element>(
        of key: Generator<Key>,
        to value: Generator<Element>,
        count: ClosedRange<Int> = 0...Int.max
    ) -> Generator where Value == [Key: Element] {
        let count = checked(count)
        let label = SpanLabel("dictionary").of(key.label, value.label)
        return Generator(label: label) { draw throws(CaseStop) in
            var members: [Key: Element] = [:]
            try draw.tape.elements(count) { () throws(CaseStop) in
                let memberKey = try key.draw(&draw)
                guard members[memberKey] == nil else { return false }
                members[memberKey] = try value.draw(&draw)
                return true
            }
            return members
        }
    }

    /// A list's elements in any order; the list's own order is simplest.
    public static func shuffled<Element: Sendable>(
        _ elements: [Element]
    ) -> Generator where Value == [Element] {
        Generator(label: SpanLabel("shuffled")) { draw throws(CaseStop) in
            var elements = elements
            for place in elements.indices.dropLast() {
                // How far, not where to: it means the same when elements before it are gone.
                let distance = 0...elements.count - 1 - place
                elements.swapAt(place, place + (try Generator<Int>.int(in: distance).draw(&draw)))
            }
            return elements
        }
    }

    private static func checked(_ count: ClosedRange<Int>) -> ClosedRange<Int> {
        precondition(count.lowerBound >= 0, "a collection has no negative count")
        return count
    }
}

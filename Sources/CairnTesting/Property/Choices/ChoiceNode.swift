/// A choice with what might have been chosen in its place.
struct ChoiceNode: Hashable, Sendable {
    let choice: Choice
    let domain: ChoiceDomain

    var rank: UInt128 { domain.rank(choice.value) }
    /// Whether no simpler choice exists here.
    var isTrivial: Bool { choice.value == domain.simplest }
}

/// Choices that belong together: those that one generator made.
struct ChoiceSpan: Hashable, Sendable {
    let label: SpanLabel
    let start: Int
    /// The place of the span in which this one lies; the outermost has none.
    let parent: Int?
    var end: Int
    /// Whether the choices were rejected by a filter and only cost space.
    var isDiscarded = false

    var range: Range<Int> { start..<end }
    var count: Int { end - start }
}

/// What made a span; choices of equal labels may take each other's place.
struct SpanLabel: Hashable, Sendable {
    private let rawValue: UInt64

    private init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    init(_ name: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        rawValue = hash
    }

    /// The label of a place in the source.
    init(_ fileID: String, _ line: Int, _ column: Int) {
        let place = UInt64(truncatingIfNeeded: line << 16 ^ column)
        self = SpanLabel(fileID).of(SpanLabel(rawValue: place))
    }

    /// The label of a generator that is made from others.
    func of(_ parts: SpanLabel...) -> SpanLabel {
        of(parts)
    }

    func of(_ parts: [SpanLabel]) -> SpanLabel {
        var hash = rawValue
        for part in parts {
            hash = ((hash << 5 | hash >> 59) ^ part.rawValue) &* 0x9E37_79B9_7F4A_7C15
        }
        return SpanLabel(rawValue: hash)
    }
}

extension Collection<ChoiceNode> {
    /// Whether this list is simpler: shorter, or as long and simpler at the first difference.
    func isSimpler(than other: some Collection<ChoiceNode>) -> Bool {
        guard count == other.count else { return count < other.count }
        for (own, others) in zip(self, other) {
            let (ownRank, othersRank) = (own.rank, others.rank)
            if ownRank != othersRank { return ownRank < othersRank }
        }
        return false
    }
}

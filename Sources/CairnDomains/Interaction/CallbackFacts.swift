public import CairnCore

/// Everything that callbacks said of one attempt, whatever their order and number (law 7).
///
/// A semilattice: the set of meanings that were seen, and for each the earliest time that a
/// provider gave. Taking and joining are commutative, associative and idempotent, so every
/// permutation and repetition of the same callbacks gives one value and one encoding. That is
/// why nothing here is a count or a last one. The answer of a provider that accepted the message
/// joins as ``CallbackMeaning/sent``.
public struct CallbackFacts: Hashable, Sendable {
    /// One meaning that was seen, and the earliest time given with it.
    private struct Sighting: Hashable, Sendable {
        let meaning: CallbackMeaning
        var earliest: Timestamp?
    }

    /// In the order of the meanings' numbers, each at most once.
    private var sightings: [Sighting] = []

    /// Nothing was said yet.
    public init() {}

    public var isEmpty: Bool { sightings.isEmpty }

    /// Takes what one callback says; its time is the provider's own, if it gave one.
    public mutating func take(_ meaning: CallbackMeaning, at time: Timestamp?) {
        let index =
            sightings.firstIndex { $0.meaning.rawValue >= meaning.rawValue } ?? sightings.count
        guard index < sightings.count, sightings[index].meaning == meaning else {
            sightings.insert(Sighting(meaning: meaning, earliest: time), at: index)
            return
        }
        guard let time else { return }
        sightings[index].earliest = min(sightings[index].earliest ?? time, time)
    }

    /// Takes everything that other callbacks of the same attempt said.
    public mutating func join(_ other: CallbackFacts) {
        for sighting in other.sightings { take(sighting.meaning, at: sighting.earliest) }
    }

    /// Whether a callback said this.
    public func contains(_ meaning: CallbackMeaning) -> Bool {
        sightings.contains { $0.meaning == meaning }
    }

    /// The earliest time at which a provider says this was so; nil where none gave a time.
    public func earliest(_ meaning: CallbackMeaning) -> Timestamp? {
        sightings.first { $0.meaning == meaning }?.earliest
    }
}

extension CallbackFacts {
    /// The status that follows; nil while nothing says one.
    ///
    /// The decision "Interaction status (001)": SENT < DELIVERED < OPENED, and OPENED needs no
    /// DELIVERED before it. A hard failure beats SENT and DELIVERED and loses to OPENED; a soft
    /// one beats only SENT. Read from the strongest down:
    ///
    /// | seen | status |
    /// | --- | --- |
    /// | opened | OPENED |
    /// | hard failure | FAILED, final |
    /// | delivered | DELIVERED |
    /// | soft failure | FAILED |
    /// | sent | SENT |
    /// | note, unknown or nothing | none |
    public var status: InteractionStatus? {
        if contains(.opened) { return .opened }
        if contains(.hardFailure) { return .failed }
        if contains(.delivered) { return .delivered }
        if contains(.softFailure) { return .failed }
        return contains(.sent) ? .sent : nil
    }

    /// Whether the status is FAILED and another attempt would fail, too.
    public var isFailureFinal: Bool { contains(.hardFailure) && !contains(.opened) }

    /// Whether the message was opened although the provider says that it failed for good.
    ///
    /// A soft failure beside DELIVERED is none: a later try of the provider arrived.
    public var isContradiction: Bool { contains(.hardFailure) && contains(.opened) }

    /// Whether the provider knows the message, so that an attempt in doubt was sent (law 5).
    ///
    /// Notes and unknown words prove nothing: nobody has said what they mean for the message.
    public var provesAcceptance: Bool {
        sightings.contains { sighting in
            switch sighting.meaning {
            case .sent, .delivered, .opened, .softFailure, .hardFailure: true
            case .note, .unknown: false
            }
        }
    }
}

/// The encoding: one for each value, and part of the state that holds it, whose version counts.
///
/// | bytes | meaning |
/// | --- | --- |
/// | 1 | the meanings seen: bit n-1 is set for the meaning with number n; the highest is clear |
/// | 1 | those of them that have a time, by the same bits |
/// | 8 each | their times in the order of the bits: nanoseconds, least significant byte first |
extension CallbackFacts {
    /// Adds the facts to stored bytes.
    public func encode(into writer: inout ByteWriter) {
        var seen: UInt8 = 0
        var timed: UInt8 = 0
        for sighting in sightings {
            seen |= sighting.meaning.bit
            if sighting.earliest != nil { timed |= sighting.meaning.bit }
        }
        writer.littleEndian(seen)
        writer.littleEndian(timed)
        for sighting in sightings {
            if let time = sighting.earliest { writer.littleEndian(time.nanoseconds) }
        }
    }

    /// Takes facts that ``encode(into:)`` wrote.
    ///
    /// - Throws: `TruncatedBytes`, also for a bit that stands for no meaning and for a time of a
    ///   meaning that was not seen.
    public init(_ reader: inout ByteReader, in bytes: RawSpan) throws(TruncatedBytes) {
        let start = reader.offset
        let seen = try reader.littleEndian(UInt8.self, in: bytes)
        let timed = try reader.littleEndian(UInt8.self, in: bytes)
        let known = CallbackMeaning.allCases.reduce(0 as UInt8) { $0 | $1.bit }
        guard seen & ~known == 0, timed & ~seen == 0 else { throw TruncatedBytes(offset: start) }
        for meaning in CallbackMeaning.allCases where seen & meaning.bit != 0 {
            var time: Timestamp?
            if timed & meaning.bit != 0 {
                time = Timestamp(nanoseconds: try reader.littleEndian(Int64.self, in: bytes))
            }
            sightings.append(Sighting(meaning: meaning, earliest: time))
        }
    }
}

extension CallbackMeaning {
    fileprivate var bit: UInt8 { 1 << (rawValue - 1) }
}

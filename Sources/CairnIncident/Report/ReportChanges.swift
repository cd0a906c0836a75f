internal import CairnCore
internal import CairnDomains

/// What events change of the states that the machine folds, as differences that many events share.
///
/// A change is a list of triples: a field, how its new value is told, and a number for that. Where
/// a value is told by the event's own columns or by the value before, the same change stands for
/// many events, and is kept once. Whoever applies it needs to know nothing of the machine.
struct ReportChanges: Sendable {
    /// How the new value of a field is told.
    enum Telling: Int64, Sendable {
        /// It is absent.
        case absent = 0
        /// It is the number.
        case literal = 1
        /// It is the value before, which counts as 0 where it was absent, and the number.
        case difference = 2
        /// It is the event's time of creation and the number, in microseconds.
        case time = 3
        /// It is what the event has in the column of that number.
        case column = 4
        /// It is the value before and the event's duration.
        case duration = 5
        /// It is the word of the event's lane.
        case lane = 6
    }

    /// The number that is added to the fields of a stage, to tell them from a request's.
    static let stageBase: Int64 = 100
    /// The number that is added to the members of a machine's state, which come last.
    static let memberBase: Int64 = 200

    private(set) var patterns: [[Int64]] = []
    private var numbers: [[Int64]: Int64] = [:]

    mutating func number(of pattern: [Int64]) -> Int64 {
        if let known = numbers[pattern] { return known }
        let number = Int64(patterns.count)
        numbers[pattern] = number
        patterns.append(pattern)
        return number
    }

    /// The triples for what an event changed.
    ///
    /// - Parameters:
    ///   - old: The values before.
    ///   - new: The values after.
    ///   - slots: The fields they are of.
    ///   - base: What is added to the fields' numbers.
    ///   - event: The event.
    ///   - laneWord: The word of the event's lane.
    /// - Returns: The triples, those of the fields in their order.
    static func pattern(
        from old: [Int64?],
        to new: [Int64?],
        of slots: [ReportSlot],
        base: Int64 = 0,
        by event: ReportEvent,
        laneWord: Int64
    ) -> [Int64] {
        var pattern: [Int64] = []
        for (index, slot) in slots.enumerated() where old[index] != new[index] {
            let (telling, number) = Self.telling(
                old[index],
                new[index],
                of: slot,
                by: event,
                laneWord: laneWord
            )
            pattern += [base + Int64(index), telling.rawValue, number]
        }
        return pattern
    }

    private static func telling(
        _ old: Int64?,
        _ new: Int64?,
        of slot: ReportSlot,
        by event: ReportEvent,
        laneWord: Int64
    ) -> (Telling, Int64) {
        guard let new else { return (.absent, 0) }
        if let column = slot.column, event.value(ofColumn: column) == new {
            return (.column, Int64(column))
        }
        if slot.kind == .time { return (.time, new &- event.createdAt) }
        if slot.kind == .word { return new == laneWord ? (.lane, 0) : (.literal, new) }
        let before = old ?? 0
        guard isExact(before), isExact(new) else { return (.literal, new) }
        if let duration = event.durationMilliseconds, slot.kind == .milliseconds,
            isExact(duration), before + duration == new
        {
            return (.duration, 0)
        }
        return slot.kind == .number ? (.difference, new - before) : (.literal, new)
    }

    /// Whether a number is the same in double precision, by which pages count.
    static func isExact(_ number: Int64) -> Bool { number.magnitude < 1 << 53 }
}

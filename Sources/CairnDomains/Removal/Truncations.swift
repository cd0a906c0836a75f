public import CairnCore

/// All truncations of one kind of streams, and what they cover together.
public struct Truncations: Hashable, Sendable {
    private struct Mark: Hashable, Sendable {
        let position: Position
        let before: Timestamp
    }

    /// By position, and each reaches less far than the one before it: a truncation that a later
    /// one outreaches says nothing more.
    private var marks: [Mark] = []

    public init() {}

    /// Takes the next truncation.
    ///
    /// - Parameters:
    ///   - removal: What was decided; one that is no truncation is passed over.
    ///   - position: Where it stands, after all that were taken before it.
    public mutating func take(_ removal: Removal, at position: Position) {
        guard case .before(let instant) = removal.extent else { return }
        while let last = marks.last, last.before <= instant { marks.removeLast() }
        marks.append(Mark(position: position, before: instant))
    }

    /// Whether an event is not to be seen.
    ///
    /// - Parameters:
    ///   - position: Where the event stands.
    ///   - instant: When it happened.
    /// - Returns: Whether a truncation covers it.
    /// - Complexity: Logarithmic in the number of truncations.
    public func cover(_ position: Position, at instant: Timestamp) -> Bool {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].position > position { high = middle } else { low = middle + 1 }
        }
        // The first one after the event reaches furthest of all that come after it.
        return low < marks.count && instant < marks[low].before
    }
}

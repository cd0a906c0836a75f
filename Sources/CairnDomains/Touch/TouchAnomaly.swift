internal import CairnCore

/// Something in a tree that should not be so: kept and shown, and never an error (law 6).
public struct TouchAnomaly: Hashable, Sendable {
    /// What is odd.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The row's parent is not there.
        case danglingParent = "dangling_parent"
        /// The row's parent is neither an attempt nor the row that lists the addresses.
        case oddParent = "odd_parent"
        /// The row's parents lead back to it.
        case circularParent = "circular_parent"
        /// The row is another user's than its parent.
        case otherUser = "other_user"
        /// The row was created before its parent, or before the addresses were known.
        case outOfOrder = "out_of_order"
        /// The address had an end already, or the attempt had.
        case duplicateOutcome = "duplicate_outcome"
        /// What the row says cannot hold beside another end.
        case contradiction
        /// A retry was created after the address's end.
        case afterOutcome = "after_outcome"
        /// No row that lists addresses has the row's address.
        case unlistedDestination = "unlisted_destination"
    }

    public let kind: Kind
    public let uid: TouchUID
}

extension TouchAnomaly {
    /// All that is odd in a tree.
    ///
    /// Instants are compared by `created_at` alone: rows of one instant are never out of order,
    /// because many logs know no finer steps than a second.
    static func all(
        in rows: [Touch],
        _ links: TouchLinks,
        _ destinations: [TouchDestination]
    ) -> [TouchAnomaly] {
        var kinds: [TouchUID: Set<Kind>] = [:]
        func note(_ kind: Kind, _ touch: Touch) { kinds[touch.uid, default: []].insert(kind) }
        let circular = links.circular(among: rows)
        for row in rows where row.fact.parent != nil {
            guard let parent = links.parent(of: row) else {
                note(.danglingParent, row)
                continue
            }
            if !parent.fact.mayHaveChildren { note(.oddParent, row) }
            if circular.contains(row.uid) { note(.circularParent, row) }
            if !parent.user.hasSameBytes(as: row.user) { note(.otherUser, row) }
            if row.createdAt < parent.createdAt { note(.outOfOrder, row) }
        }
        noteOutcomes(rows.filter { $0.fact.isNotice }, note)
        for destination in destinations { noteOutcomes(destination.outcomes, note) }
        noteAddresses(in: rows, destinations, note)
        let order = Kind.allCases
        return rows.flatMap { row in
            order.filter { kinds[row.uid]?.contains($0) ?? false }
                .map { TouchAnomaly(kind: $0, uid: row.uid) }
        }
    }

    /// Compares the rows about one thing, an address or the whole attempt, with its first end.
    private static func noteOutcomes(_ rows: [Touch], _ note: (Kind, Touch) -> Void) {
        guard let first = rows.firstIndex(where: { $0.fact.isEnd }) else { return }
        let end = rows[first]
        for (index, row) in rows.enumerated() where index != first {
            if row.fact.isEnd {
                note(row.fact.kind == end.fact.kind ? .duplicateOutcome : .contradiction, row)
            } else if row.fact.kind == .sendReachable {
                note(.contradiction, row)
            } else if row.createdAt > end.createdAt {
                note(.afterOutcome, row)
            }
        }
    }

    private static func noteAddresses(
        in rows: [Touch],
        _ destinations: [TouchDestination],
        _ note: (Kind, Touch) -> Void
    ) {
        var listedAt: [ExactText: Double] = [:]
        for row in rows {
            guard case .sendReachable(let reach) = row.fact else { continue }
            for name in reach.destinations where listedAt[ExactText(name)] == nil {
                listedAt[ExactText(name)] = row.createdAt
            }
        }
        for destination in destinations {
            let instant = listedAt[ExactText(destination.name)]
            for row in destination.outcomes {
                guard let instant else {
                    note(.unlistedDestination, row)
                    continue
                }
                if row.createdAt < instant { note(.outOfOrder, row) }
            }
        }
    }
}

extension TouchFact {
    /// Whether other rows may name this one as their parent.
    fileprivate var mayHaveChildren: Bool { kind == .sendAttempt || kind == .sendReachable }
}

extension TouchLinks {
    /// The rows whose parents lead back to them.
    ///
    /// - Complexity: Linear: every row is walked from once and passed once.
    fileprivate func circular(among rows: [Touch]) -> Set<TouchUID> {
        var settled: Set<TouchUID> = []
        var circular: Set<TouchUID> = []
        for row in rows {
            var path: [TouchUID] = []
            var places: [TouchUID: Int] = [:]
            var next: Touch? = row
            while let current = next, !settled.contains(current.uid) {
                if let place = places[current.uid] {
                    circular.formUnion(path[place...])
                    break
                }
                places[current.uid] = path.count
                path.append(current.uid)
                next = parent(of: current)
            }
            settled.formUnion(path)
        }
        return circular
    }
}

internal import Synchronization

/// What the turns of a search led to, known to its cases while they run.
///
/// A place is the hash of a state, as the search sees it; a command is the hash of the choices that
/// made it, so no command has to be comparable. Nothing is ever taken from the order of the tables,
/// which differs between runs.
final class TurnMap: Sendable {
    private struct Turn: Hashable {
        let place: Int
        let command: Int
    }

    /// What a command does wherever it is given.
    private struct Habit {
        /// The one place to which it led; nil where it led to several.
        var end: Int?
        /// Whether it led nowhere else than where it was given.
        var isIdle: Bool
        /// In how many places it was given.
        var placeCount = 1
    }

    private struct Tables {
        /// Where turns led to.
        var ends: [Turn: Int] = [:]
        /// How many turns ended at a place.
        var counts: [Int: Int] = [:]
        var habits: [Int: Habit] = [:]
    }

    /// Of how many commands the best is taken.
    static let triedCommandCountMax = 12
    /// In how many places a command has to do the same for that to be taken for a habit.
    private static let habitPlaceCount = 4
    /// Bounds what is kept; turns beyond stay unknown, and so are taken as chance has them.
    private static let turnCountMax = 1 << 16

    private let tables = Mutex(Tables())

    /// Whether no turn was taken yet.
    var isEmpty: Bool { tables.withLock { $0.ends.isEmpty } }

    /// How often cases came to where a command leads; none where nobody knows.
    func knownCount(of command: Int, at place: Int) -> Int {
        tables.withLock { tables in
            if let end = tables.ends[Turn(place: place, command: command)] {
                return tables.counts[end, default: 1]
            }
            guard let habit = tables.habits[command], habit.placeCount >= Self.habitPlaceCount,
                let end = habit.end
            else { return 0 }
            return tables.counts[end, default: 1]
        }
    }

    /// Takes what a turn led to.
    func take(_ command: Int, at place: Int, leadingTo end: Int) {
        tables.withLock { tables in
            let turn = Turn(place: place, command: command)
            let isNew = tables.ends[turn] == nil
            guard !isNew || tables.ends.count < Self.turnCountMax else { return }
            tables.ends[turn] = end
            tables.counts[end, default: 0] += 1
            guard isNew else { return }
            guard var habit = tables.habits[command] else {
                tables.habits[command] = Habit(end: end, isIdle: end == place)
                return
            }
            habit.placeCount += 1
            habit.isIdle = habit.isIdle && end == place
            if habit.end != end { habit.end = nil }
            tables.habits[command] = habit
        }
    }
}

public import CairnCore

/// One thing that is wrong in a journal, with whatever is known of its place.
public struct Damage: Hashable, Sendable {
    /// The first event concerned.
    public let position: Position?
    public let page: UInt64?
    /// Where in the data file the page starts.
    public let fileOffset: UInt64?
    /// The table concerned, by its name in the file.
    public let table: String?
    public let reason: String
}

extension Damage: CustomStringConvertible {
    public var description: String {
        var words: [String] = []
        if let position { words.append("position \(position)") }
        if let table { words.append("table \(table)") }
        if let page { words.append("page \(page)") }
        if let fileOffset { words.append("byte \(fileOffset)") }
        return words.isEmpty ? reason : words.joined(separator: ", ") + ": " + reason
    }
}

/// What the meta page beside the inspected one holds: the commit to fall back on.
public enum OtherSnapshot: Hashable, Sendable {
    /// The commit before, with a sound head and sound trees.
    case sound(transactionID: UInt64, lastPosition: Position)
    /// Nothing was committed to this place yet.
    case empty
    /// A writer committed since the inspected transaction.
    case newer(transactionID: UInt64)
    case damaged(reason: String)
}

/// What ``JournalInspector/verify(path:)`` found in a journal.
public struct VerifyReport: Sendable {
    /// How many damages a report lists; all of them are counted.
    public static let damageCountMax = 100

    /// Events whose frames were read and matched their checksums.
    public let eventCount: UInt64
    public let streamCount: Int
    /// The position the head record states.
    public let lastPosition: Position
    public let indexedPosition: Position
    /// The transaction that was inspected.
    public let transactionID: UInt64
    public let pageByteCount: Int
    public let usedPageCount: UInt64
    public let freePageCount: UInt64
    /// Pages that nothing uses and nobody can reuse.
    ///
    /// A waste of space, not a damage.
    public let leakedPageCount: UInt64
    public let otherSnapshot: OtherSnapshot
    /// The first damages found.
    public let damages: [Damage]
    /// All damages found, those that are not listed too.
    public let damageCount: Int

    /// Whether everything was read and nothing is wrong.
    public var isIntact: Bool { damageCount == 0 }
}

/// Gathers damages: the first ones in full, the rest as a number.
final class DamageLog {
    private(set) var damages: [Damage] = []
    private(set) var count = 0

    var isFull: Bool { count >= VerifyReport.damageCountMax }

    func add(
        _ reason: String,
        position: Position? = nil,
        table: String? = nil,
        page: UInt64? = nil,
        fileOffset: UInt64? = nil
    ) {
        count += 1
        guard damages.count < VerifyReport.damageCountMax else { return }
        damages.append(
            Damage(
                position: position,
                page: page,
                fileOffset: fileOffset,
                table: table,
                reason: reason
            )
        )
    }

    func add(_ fault: PageFault, position: Position? = nil, table: String? = nil) {
        add(
            fault.reason,
            position: position,
            table: table,
            page: fault.page,
            fileOffset: fault.fileOffset
        )
    }
}

public import CairnCore

/// A worker: the position of the event with which it joined, so no two are ever alike.
///
/// While it lives it holds a lock of that number in the journal's folder.
public struct WorkerNumber: Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public static func < (left: WorkerNumber, right: WorkerNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension WorkerNumber: CustomStringConvertible {
    public var description: String { String(rawValue) }
}

/// An instant on the clock of one start of a machine, which nobody can set.
///
/// Leases run on it: a wall clock that jumps by a year moves no lease.
public struct BootInstant: Hashable, Sendable {
    /// Which start of the machine: its 128-bit boot id, folded to 64 bits.
    public let boot: UInt64
    /// Nanoseconds since the machine was started, time asleep included.
    public let nanoseconds: Int64

    public init(boot: UInt64, nanoseconds: Int64) {
        self.boot = boot
        self.nanoseconds = nanoseconds
    }

    /// The instant later by a span; stays at the ends of the range instead of overflowing.
    public func adding(_ span: TimeSpan) -> BootInstant {
        BootInstant(
            boot: boot,
            nanoseconds: Timestamp(nanoseconds: nanoseconds).adding(span).nanoseconds
        )
    }

    /// Whether this instant is over at another one; after a new start of the machine it is.
    public func isOver(at now: BootInstant) -> Bool {
        boot != now.boot || nanoseconds <= now.nanoseconds
    }

    /// The span from an earlier instant of the same start; zero from any other.
    public func since(_ earlier: BootInstant) -> TimeSpan {
        max(remaining(at: earlier) ?? .zero, .zero)
    }

    /// How long until this instant, less than zero once it is over; nil after a new start of the
    /// machine.
    public func remaining(at now: BootInstant) -> TimeSpan? {
        guard boot == now.boot else { return nil }
        return Timestamp(nanoseconds: nanoseconds).since(Timestamp(nanoseconds: now.nanoseconds))
    }
}

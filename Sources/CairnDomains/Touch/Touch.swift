public import CairnCore

/// One row of the touch log: something that happened while a user was to be reached (seed 000).
///
/// A debug log: rows may come late and in any order, their parents may be missing, and nothing
/// else depends on them.
public struct Touch: Hashable, Sendable {
    public let uid: TouchUID
    /// `user_id`: the user who was to be contacted.
    public let user: String
    public let fact: TouchFact
    /// `created_at`: seconds since the Unix epoch, exactly as the row has them.
    ///
    /// Usually but not always the order of what happened.
    public let createdAt: Double
    /// `event` byte for byte, of a row whose JSON is not what ``json`` would write.
    public let source: [UInt8]?
    /// What else the row of a table says that it was imported from.
    public let origin: RowOrigin?

    /// Describes a row.
    ///
    /// - Parameters:
    ///   - uid: The row's name.
    ///   - user: The user who was to be contacted; not empty.
    ///   - fact: What happened.
    ///   - createdAt: Seconds since the Unix epoch.
    ///   - source: The JSON that the fact was read from, if it is to be kept byte for byte.
    ///   - origin: What else the row of a table says.
    /// - Throws: ``TouchError/emptyUser`` and ``TouchError/notATime(_:)``.
    public init(
        uid: TouchUID,
        user: String,
        fact: TouchFact,
        createdAt: Double,
        source: [UInt8]? = nil,
        origin: RowOrigin? = nil
    ) throws(TouchError) {
        guard !user.isEmpty else { throw .emptyUser }
        guard createdAt.isFinite else { throw .notATime("created_at") }
        if case .sendAttempt(let attempt) = fact, !attempt.queuedAt.isFinite {
            throw .notATime("queued_at")
        }
        self.uid = uid
        self.user = user
        self.fact = fact
        self.createdAt = createdAt
        self.source = source
        self.origin = origin
    }

    /// The instant of ``createdAt``, to the nearest microsecond.
    public var createdTime: Timestamp { Timestamp(touchSeconds: createdAt) }

    /// About what the row takes in memory, in bytes; found without looking at its texts.
    public var byteCount: Int { 256 + user.utf8.count + fact.byteCount + (source?.count ?? 0) }
}

/// Why something is no row of the touch log.
public enum TouchError: Error, Hashable, Sendable {
    case malformedUID(String)
    case emptyUser
    /// The value of a column is infinite or not a number.
    case notATime(String)
    /// The event is not JSON.
    case json(JSONError)
    /// The event names none of the eight types.
    case unknownType(String)
    /// The event's type has a member that is not there.
    case missing(String)
    /// A member of the event is not what it must be.
    case wrongType(member: String, expected: String)
}

extension TouchError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformedUID(let name): "'\(name)' is no uid such as utbl_GqJ3w"
        case .emptyUser: "the user is empty"
        case .notATime(let column): "\(column) is not a finite number"
        case .json(let error): "the event is malformed: \(error)"
        case .unknownType(let type): "'\(type)' is no type of event in this log"
        case .missing(let member): "the event has no member '\(member)'"
        case .wrongType(let member, let expected): "member '\(member)' must be \(expected)"
        }
    }
}

extension Timestamp {
    /// The instant of the seconds since the Unix epoch in a REAL column, to the microsecond.
    ///
    /// In this century such a number has no finer steps. Stays at the ends of the range; 1970
    /// where it is not a number.
    public init(touchSeconds seconds: Double) {
        let whole = seconds.rounded(.down)
        guard abs(whole) < 9.3e9 else {
            self = seconds.isNaN ? .unixEpoch : seconds < 0 ? .distantPast : .distantFuture
            return
        }
        let microseconds = Int64(((seconds - whole) * 1e6).rounded())
        self = Timestamp.unixEpoch.adding(.seconds(Int64(whole)))
            .adding(TimeSpan(nanoseconds: microseconds * 1_000))
    }

    /// The seconds since the Unix epoch, as a REAL column has them: the nearest number.
    public var touchSeconds: Double {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Double(quotient) + Double(remainder) / 1e9
    }
}

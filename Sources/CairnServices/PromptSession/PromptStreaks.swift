public import CairnCore
public import CairnDomains
public import CairnIncident
internal import Foundation

/// A time zone by its name in the time zone database, such as `Europe/Berlin`.
///
/// The rules come with Foundation, so that the machine needs no database of its own.
public struct PromptTimeZone: Sendable {
    /// The name as it was given.
    public let name: String
    private let zone: TimeZone

    /// Finds a zone.
    ///
    /// - Parameter name: Its name; `UTC` and `GMT+01:00` are names, too.
    /// - Throws: ``PromptTimeZoneError``.
    public init(_ name: String) throws(PromptTimeZoneError) {
        guard !name.isEmpty, let zone = TimeZone(identifier: name) else {
            throw .unknown(name)
        }
        self.name = name
        self.zone = zone
    }

    /// Universal time.
    public static let utc = PromptTimeZone(checked: .gmt, name: "UTC")

    private init(checked zone: TimeZone, name: String) {
        self.zone = zone
        self.name = name
    }

    /// How many seconds the zone is ahead of UTC at an instant.
    public func secondsAheadOfUTC(at instant: Timestamp) -> Int64 {
        // A fraction of a second before the epoch belongs to the second before it.
        let (seconds, rest) = instant.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let whole = rest < 0 ? seconds - 1 : seconds
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(whole))))
    }
}

/// Why a time zone is none.
public enum PromptTimeZoneError: Error, Hashable, Sendable {
    /// No zone has the name.
    case unknown(String)
}

extension PromptTimeZoneError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknown(let name):
            "no time zone is called '\(name.prefix(80))': give a name such as Europe/Berlin or UTC"
        }
    }
}

/// The days on which a user joined prompts, as of an instant.
public struct PromptUserStreak: Hashable, Sendable {
    public let user: String
    /// The name of the zone whose days they are.
    public let timeZone: String
    /// The day of the instant, counted from 1970-01-01 as 0.
    public let today: Int64
    /// The days up to then, in their order.
    public let streak: PromptStreak

    /// Days in a row up to today, or up to yesterday because today is not over.
    public var current: Int { streak.current(today: today) }
    /// Days in a row at most.
    public var longest: Int { streak.longest }
}

extension PromptView {
    /// The days on which a user joined prompts.
    ///
    /// A day is one in the zone, with as many hours as it has there. Joins that happened after the
    /// instant are not counted, and neither are those of sessions that were removed, nor those
    /// behind the leave event of their session.
    ///
    /// - Parameters:
    ///   - user: The user.
    ///   - zone: Whose days.
    ///   - now: The instant that is asked about.
    /// - Returns: The days; none for a user whom nobody knows.
    /// - Throws: `IncidentError`.
    /// - Complexity: All events of the user's sessions.
    public func streak(
        user: String,
        timeZone zone: PromptTimeZone,
        asOf now: Timestamp
    ) async throws(IncidentError) -> PromptUserStreak {
        let joins = try await joins(ofUser: user).filter { $0 <= now }
        let offset = { (instant: Timestamp) in zone.secondsAheadOfUTC(at: instant) }
        return PromptUserStreak(
            user: user,
            timeZone: zone.name,
            today: PromptStreak.day(of: now, offset),
            streak: PromptStreak(joins: joins, secondsAheadOfUTC: offset)
        )
    }
}

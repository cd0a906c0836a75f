internal import ArgumentParser
internal import CairnCore

/// A time of day, as `--as-of 03:12` takes it: in UTC, as all times are printed, unless it has a
/// zone of its own.
struct TimeOfDay: Hashable, Sendable {
    private static let dayNanoseconds: Int64 = 86_400_000_000_000

    /// As it was given.
    let text: String
    /// Since midnight in UTC.
    private let nanoseconds: Int64

    /// Whether a text is meant for a time of day, right or wrong: digits, and soon a colon.
    static func isMeant(by text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let hours = text.utf8[..<colon]
        return (1...2).contains(hours.count) && hours.allSatisfy { (48...57).contains($0) }
    }

    /// Reads `HH:MM`, with seconds and a zone as RFC 3339 writes them where there are such.
    init(_ text: String) throws(ValidationError) {
        let rest = Array(text.utf8.dropFirst(5))
        let zones = "Zz+-".utf8
        guard rest.first.map({ $0 == UInt8(ascii: ":") || zones.contains($0) }) ?? true else {
            throw Self.notOne
        }
        var whole = Array("1970-01-02T".utf8)
        whole += text.utf8.prefix(5)
        if rest.first != UInt8(ascii: ":") { whole += ":00".utf8 }
        whole += rest
        if !rest.contains(where: { zones.contains($0) }) { whole += "Z".utf8 }
        do throws(Timestamp.FormatError) {
            let instant = try Timestamp(rfc3339: String(decoding: whole, as: UTF8.self))
            nanoseconds = Self.sinceMidnight(instant)
        } catch {
            guard case .outOfRange = error else { throw Self.notOne }
            throw ValidationError("no day has such a time")
        }
        self.text = text
    }

    private static var notOne: ValidationError {
        ValidationError("it is not a time of day such as 03:12, 03:12:30 or 03:12+01:00")
    }

    /// The last such time up to now; in a journal whose last event is more than a day old, up to
    /// that event: by then an earlier night is what people look at.
    ///
    /// - Parameters:
    ///   - now: The clock's time.
    ///   - end: When the journal's last event was recorded; nil if it has none.
    /// - Returns: The instant.
    func last(now: Timestamp, end: Timestamp?) -> Timestamp {
        let day = TimeSpan(nanoseconds: Self.dayNanoseconds)
        let latest = end.flatMap { now.since($0) > day ? $0 : nil } ?? now
        let passed = Self.sinceMidnight(latest) - nanoseconds
        return latest.adding(
            TimeSpan(nanoseconds: passed < 0 ? -passed - Self.dayNanoseconds : -passed)
        )
    }

    private static func sinceMidnight(_ instant: Timestamp) -> Int64 {
        let rest = instant.nanoseconds % dayNanoseconds
        return rest < 0 ? rest + dayNanoseconds : rest
    }
}

extension Timestamp {
    /// Why a text is not an instant.
    public enum FormatError: Error, Hashable, Sendable {
        /// The text is not `YYYY-MM-DD`, a `T` or space, `HH:MM:SS`, a fraction and a zone.
        case notRFC3339
        /// The text has no `Z` and no offset, so it could mean any of a day's instants.
        case missingZone
        /// A part is out of its range, such as a thirteenth month.
        case outOfRange
    }

    /// Reads an instant as RFC 3339 writes it, and as PostgreSQL prints it.
    ///
    /// Taken are a `T`, a `t` or a space between date and time, up to nine digits of a second
    /// (further ones are cut), and as zone `Z`, `+HH:MM`, `+HHMM` or `+HH`. A 60th second is the
    /// last instant of the minute.
    ///
    /// - Throws: ``FormatError``.
    public init(rfc3339 text: some StringProtocol) throws(FormatError) {
        self = try Self.parse(Array(text.utf8))
    }

    private static func parse(_ text: [UInt8]) throws(FormatError) -> Timestamp {
        var offset = 0
        func number(_ count: Int) throws(FormatError) -> Int64 {
            guard text.count - offset >= count else { throw .notRFC3339 }
            var value: Int64 = 0
            for _ in 0..<count {
                guard (48...57).contains(text[offset]) else { throw .notRFC3339 }
                value = value * 10 + Int64(text[offset] - 48)
                offset += 1
            }
            return value
        }
        func expect(_ allowed: UInt8...) throws(FormatError) {
            guard offset < text.count, allowed.contains(text[offset]) else { throw .notRFC3339 }
            offset += 1
        }
        let year = try number(4)
        try expect(UInt8(ascii: "-"))
        let month = try number(2)
        try expect(UInt8(ascii: "-"))
        let day = try number(2)
        try expect(UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " "))
        let hour = try number(2)
        try expect(UInt8(ascii: ":"))
        let minute = try number(2)
        try expect(UInt8(ascii: ":"))
        let second = try number(2)
        var fraction: Int64 = 0
        if offset < text.count, text[offset] == UInt8(ascii: ".") || text[offset] == 44 {
            offset += 1
            let start = offset
            var unit: Int64 = 100_000_000
            while offset < text.count, (48...57).contains(text[offset]) {
                fraction += Int64(text[offset] - 48) * unit
                unit /= 10
                offset += 1
            }
            guard offset > start else { throw .notRFC3339 }
        }
        let zone = try zoneSeconds(text[offset...])
        guard (1...12).contains(month), day >= 1, day <= dayCount(year: year, month: month),
            hour <= 23, minute <= 59, second <= 60
        else { throw .outOfRange }
        let isLeap = second == 60
        let days = daysFromEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + (isLeap ? 59 : second) - zone
        // Before 1970 the fraction is taken from the next whole second, because the second that
        // holds the earliest instant begins outside the range.
        let borrowed: Int64 = seconds < 0 ? 1 : 0
        let (whole, tooLarge) = (seconds + borrowed).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, tooLate) = whole.addingReportingOverflow(
            (isLeap ? 999_999_999 : fraction) - borrowed * 1_000_000_000
        )
        guard !tooLarge, !tooLate else { throw .outOfRange }
        return Timestamp(nanoseconds: sum)
    }

    private static func zoneSeconds(_ text: ArraySlice<UInt8>) throws(FormatError) -> Int64 {
        guard let sign = text.first else { throw .missingZone }
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") {
            guard text.count == 1 else { throw .notRFC3339 }
            return 0
        }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { throw .notRFC3339 }
        var digits: [Int64] = []
        for (index, byte) in text.dropFirst().enumerated() {
            if byte == UInt8(ascii: ":"), index == 2, text.count == 6 { continue }
            guard (48...57).contains(byte) else { throw .notRFC3339 }
            digits.append(Int64(byte - 48))
        }
        guard digits.count == 2 || digits.count == 4 else { throw .notRFC3339 }
        let hours = digits[0] * 10 + digits[1]
        let minutes = digits.count == 4 ? digits[2] * 10 + digits[3] : 0
        guard hours <= 23, minutes <= 59 else { throw .outOfRange }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }

    private static func dayCount(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Days since 1970-01-01 in the Gregorian calendar, counted in years that start in March.
    private static func daysFromEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The instant as RFC 3339 in UTC, with six digits of a second, or nine where they say more.
    public var rfc3339: String {
        let (days, dayNanoseconds) = Self.floorDivide(nanoseconds, by: 86_400_000_000_000)
        let shifted = days + 719_468
        let (era, dayOfEra) = Self.floorDivide(shifted, by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let second = dayNanoseconds / 1_000_000_000
        let fraction = dayNanoseconds % 1_000_000_000

        var text: [UInt8] = []
        text.reserveCapacity(30)
        func append(_ value: Int64, digits: Int) {
            var divisor: Int64 = 1
            for _ in 1..<digits { divisor *= 10 }
            while divisor > 0 {
                text.append(UInt8(48 + (value / divisor) % 10))
                divisor /= 10
            }
        }
        append(year, digits: 4)
        text.append(UInt8(ascii: "-"))
        append(month, digits: 2)
        text.append(UInt8(ascii: "-"))
        append(day, digits: 2)
        text.append(UInt8(ascii: "T"))
        append(second / 3_600, digits: 2)
        text.append(UInt8(ascii: ":"))
        append(second / 60 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        append(second % 60, digits: 2)
        text.append(UInt8(ascii: "."))
        if fraction % 1_000 == 0 {
            append(fraction / 1_000, digits: 6)
        } else {
            append(fraction, digits: 9)
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let quotient = value / divisor
        let remainder = value % divisor
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Timestamp: CustomStringConvertible {
    public var description: String { rfc3339 }
}

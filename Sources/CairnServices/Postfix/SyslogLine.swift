internal import CairnCore

/// One line of a system log: when, where, who, and what.
struct SyslogLine {
    /// The time as it stands in the line.
    let stamp: ArraySlice<UInt8>
    let host: ByteText
    /// `postfix/smtp[123]`; empty where the line names no program.
    let program: ByteText
    let message: ByteText

    /// Takes a line apart; nil where it does not begin with a time.
    init?(_ line: ArraySlice<UInt8>) {
        guard let count = SyslogStamp.byteCount(in: line) else { return nil }
        stamp = line.prefix(count)
        let rest = line.dropFirst(count)
        guard rest.first == 0x20,
            let (host, text) = ByteText(rest.dropFirst()).split(at: 0x20)
        else { return nil }
        self.host = host
        if let (program, message) = text.split(at: ": ") {
            self.program = program
            self.message = message
        } else {
            program = ByteText([])
            message = text
        }
    }

    /// The daemon of Postfix that wrote the line; nil for other programs.
    ///
    /// `postfix/smtp[1]`, `postfix/submission/smtpd[1]` and `postfix-out/smtp[1]` are all of it.
    var daemon: ByteText? {
        guard program.hasPrefix("postfix"), let (name, _) = program.split(at: UInt8(ascii: "[")),
            let (_, daemon) = name.splitLast(at: "/")
        else { return nil }
        return daemon
    }
}

/// The time at the beginning of a line: `Dec  7 13:28:01`, or as RFC 3339 has it.
enum SyslogStamp {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ].map { Array($0.utf8) }

    private static let plainByteCount = 15

    /// How many bytes of a line are its time; nil where it does not begin with one.
    static func byteCount(in line: ArraySlice<UInt8>) -> Int? {
        guard let first = line.first else { return nil }
        if (48...57).contains(first) {
            let stamp = line.prefix { $0 != 0x20 }
            let isDated = stamp.count >= 20 && stamp.count <= 40
            return isDated && stamp.dropFirst(4).first == UInt8(ascii: "-") ? stamp.count : nil
        }
        guard line.count > plainByteCount, months.contains(Array(line.prefix(3))) else {
            return nil
        }
        let shape: [UInt8] = Array("Mmm dd dd:dd:dd".utf8)
        for (byte, wanted) in zip(line, shape).dropFirst(3) {
            let isDigit = (48...57).contains(byte)
            switch wanted {
            case UInt8(ascii: "d"): guard isDigit || byte == 0x20 else { return nil }
            default: guard byte == wanted else { return nil }
            }
        }
        return plainByteCount
    }

    /// What stands behind the year in RFC 3339; nil for a time that has a year of its own.
    static func dayAndTime(_ stamp: ArraySlice<UInt8>) -> String? {
        guard stamp.count == plainByteCount,
            let month = months.firstIndex(of: Array(stamp.prefix(3)))
        else { return nil }
        let text = stamp.map { $0 == 0x20 ? UInt8(ascii: "0") : $0 }
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        let day = String(decoding: text[4..<6], as: UTF8.self)
        let time = String(decoding: text[7..<15], as: UTF8.self)
        return "-\(number)-\(day)T\(time)Z"
    }
}

/// Gives the lines of a log their instants, though most name no year and no zone.
///
/// A line without a year is in the year that brings it nearest to the line before it. The first
/// one is in the year that is given, or else in the last one in which it does not lie in the
/// future. Times without a zone are UTC.
struct SyslogClock {
    private static let years = 1_971...2_261

    private let now: Timestamp
    private var year: Int?
    private var last: Timestamp?
    private var known: (stamp: [UInt8], instant: Timestamp)?

    /// Starts before the first line.
    ///
    /// - Parameters:
    ///   - year: The year of the first line, if it is known.
    ///   - now: The instant that a line of an unknown year is not after.
    init(year: Int?, now: Timestamp) {
        self.year = year
        self.now = now
    }

    /// The instant of a line; nil where its time is none.
    mutating func instant(_ stamp: ArraySlice<UInt8>) -> Timestamp? {
        if let known, stamp.elementsEqual(known.stamp) { return known.instant }
        guard let instant = read(stamp) else { return nil }
        known = (Array(stamp), instant)
        last = instant
        return instant
    }

    /// Forgets the line before, as between two files of which nobody said the year.
    mutating func beginFile() {
        if year == nil { last = nil }
        known = nil
    }

    private func read(_ stamp: ArraySlice<UInt8>) -> Timestamp? {
        guard let rest = SyslogStamp.dayAndTime(stamp) else {
            return try? Timestamp(rfc3339: String(decoding: stamp, as: UTF8.self))
        }
        func instant(_ year: Int) -> Timestamp? {
            guard Self.years.contains(year) else { return nil }
            return try? Timestamp(rfc3339: "\(year)\(rest)")
        }
        if let last {
            let near = Self.year(of: last)
            return (near - 1...near + 1).compactMap(instant).min { left, right in
                Self.distance(left, last) < Self.distance(right, last)
            }
        }
        if let year { return instant(year) }
        // A clock of another machine may be ahead by a little, or its zone is not UTC.
        let latest = now.adding(.seconds(86_400))
        // A leap day comes every fourth year, but once in eight around most centuries.
        let thisYear = Self.year(of: latest)
        return (thisYear - 8...thisYear).reversed().lazy.compactMap(instant)
            .first { $0 <= latest }
    }

    private static func year(of instant: Timestamp) -> Int {
        Int(instant.rfc3339.prefix(4)) ?? 1_970
    }

    private static func distance(_ left: Timestamp, _ right: Timestamp) -> TimeSpan {
        max(left.since(right), right.since(left))
    }
}

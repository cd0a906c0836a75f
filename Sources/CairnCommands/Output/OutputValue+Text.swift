internal import CairnCore
internal import CairnDomains
internal import CairnIncident

extension OutputValue {
    /// Most characters of a cell that holds a document; JSON has all of it.
    static let documentCharacterCountMax = 60
    /// Most characters of a cell that holds a text.
    static let textCharacterCountMax = 160

    /// The value for people, in one line without control characters; a dash where it is absent.
    var text: String {
        guard !isAbsent else { return "-" }
        return switch self {
        case .text(let value): Self.cut(Terminal.printable(value ?? ""))
        case .integer(let value): value.map(String.init) ?? "-"
        case .count(let value), .rareCount(let value): String(value)
        case .bool(let value), .mark(let value): value ? "yes" : "no"
        case .decimal(let value): value ?? "-"
        case .time(let value): value?.shortText ?? "-"
        case .span(let value): value?.human ?? "-"
        case .milliseconds(let value): value.map { TimeSpan.milliseconds($0).human } ?? "-"
        case .meanMilliseconds(let value): value?.span.human ?? "-"
        case .fractionalMilliseconds(let value): TimeSpan(roundedMilliseconds: value).human
        case .seconds(let value): value.map { TimeSpan(roundedSeconds: $0).human } ?? "-"
        case .status(let value): Self.cut(Terminal.printable(value?.word ?? ""))
        case .json(let value):
            Self.cut(
                Terminal.printable(String(decoding: value ?? [], as: UTF8.self)),
                to: Self.documentCharacterCountMax
            )
        case .value(.string(let value)): Self.cut(Terminal.printable(value))
        case .value(let value): Self.cut(Terminal.printable(value.description))
        case .list(let names): names.joined(separator: ", ")
        case .array(let values): values.map(\.text).joined(separator: ", ")
        case .object(let members):
            members.map { "\($0) \($1.text)" }.joined(separator: ", ")
        }
    }

    /// Whether a column of such values is read from the right, as numbers are.
    var isRightAligned: Bool {
        switch self {
        case .integer, .count, .rareCount, .decimal, .span, .milliseconds, .meanMilliseconds,
            .fractionalMilliseconds, .seconds, .value(.number):
            true
        case .text, .bool, .mark, .time, .status, .json, .value, .list, .array, .object: false
        }
    }

    /// The colour that a value is shown in.
    var colour: Colour? {
        switch self {
        case .status(let status):
            switch status?.code {
            case .completed: .green
            case .failed: .red
            case .started, .retryScheduled: .yellow
            case .skipped, .other, nil: nil
            }
        case .list: .magenta
        case .text, .integer, .count, .rareCount, .bool, .mark, .decimal, .time, .span,
            .milliseconds, .meanMilliseconds, .fractionalMilliseconds, .seconds, .json, .value,
            .array, .object:
            nil
        }
    }

    private static func cut(_ text: String, to countMax: Int = textCharacterCountMax) -> String {
        text.count <= countMax ? text : text.prefix(countMax - 3) + "..."
    }
}

/// The colours that results are shown in, where a terminal shows colours.
enum Colour: String {
    case bold = "1"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case magenta = "35"

    func applied(to text: String) -> String {
        Terminal.usesColour ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension Timestamp {
    /// The instant in RFC 3339 with as many groups of three digits as it needs, so that it can be
    /// pasted back.
    var shortText: String {
        var text = rfc3339.dropLast()
        while text.hasSuffix("000"), text.contains(".") { text.removeLast(3) }
        return (text.hasSuffix(".") ? text.dropLast() : text) + "Z"
    }
}

extension TimeSpan {
    /// Milliseconds as a span, to the nearest microsecond; stays at the ends of the range.
    init(roundedMilliseconds value: Double) {
        let microseconds = (value * 1_000).rounded()
        guard abs(microseconds) < 9e15 else {
            self.init(nanoseconds: value < 0 ? .min : .max)
            return
        }
        self.init(nanoseconds: Int64(microseconds) * 1_000)
    }
}

extension TimeSpan {
    /// Measured seconds as a span, to the nearest microsecond.
    init(roundedSeconds value: Double) {
        self.init(roundedMilliseconds: value * 1_000)
    }
}

extension ExactMean {
    /// The mean of milliseconds as a span, for people.
    var span: TimeSpan {
        guard count > 0 else { return .zero }
        return TimeSpan(nanoseconds: Int64(clamping: sum * 1_000_000 / Int128(count)))
    }
}

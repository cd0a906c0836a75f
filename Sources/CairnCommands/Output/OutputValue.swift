internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// One value of a result, which knows how it reads in a terminal and in JSON.
///
/// The JSON side is the contract: exact numbers, times in RFC 3339 with microseconds, spans in
/// seconds, null for what is absent. The text side is for people and may change.
enum OutputValue: Sendable {
    case text(String?)
    case integer(Int64?)
    case count(UInt64)
    /// A count that people get only where it is not zero.
    case rareCount(UInt64)
    case bool(Bool)
    /// A flag that people get only where it is set.
    case mark(Bool)
    /// A number that stands as text already, such as an exact mean.
    case decimal(String?)
    case time(Timestamp?)
    /// A span of time: for people in the terminal, in seconds in JSON.
    case span(TimeSpan?)
    /// Whole milliseconds of a column that is named so: the same number in JSON.
    case milliseconds(Int64?)
    /// A mean of milliseconds, as an exact number in JSON.
    case meanMilliseconds(ExactMean?)
    /// Milliseconds with a fraction.
    case fractionalMilliseconds(Double)
    /// Seconds that were measured.
    case seconds(Double?)
    case status(PipelineStatus?)
    /// JSON text, byte for byte as it was recorded.
    case json([UInt8]?)
    case value(JSONValue)
    case list([String])
    case array([OutputValue])
    case object([(String, OutputValue)])

    var isAbsent: Bool {
        switch self {
        case .text(let value): value == nil
        case .integer(let value), .milliseconds(let value): value == nil
        case .decimal(let value): value == nil
        case .seconds(let value): value == nil
        case .time(let value): value == nil
        case .span(let value): value == nil
        case .meanMilliseconds(let value): value == nil
        case .status(let value): value == nil
        case .json(let value): value == nil
        case .value(.null): true
        case .rareCount(let value): value == 0
        case .mark(let value): !value
        case .list(let names): names.isEmpty
        case .array(let values): values.isEmpty
        case .count, .bool, .fractionalMilliseconds, .value, .object: false
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .text(let value): value.map { writer.string($0) } ?? writer.null()
        case .integer(let value), .milliseconds(let value):
            value.map { writer.integer($0) } ?? writer.null()
        case .count(let value), .rareCount(let value): writer.integer(value)
        case .bool(let value), .mark(let value): writer.bool(value)
        case .decimal(let value): value.map { writer.verbatim($0.utf8) } ?? writer.null()
        case .time(let value): value.map { writer.string($0.rfc3339) } ?? writer.null()
        case .span(let value): value.map { writer.verbatim($0.secondsText.utf8) } ?? writer.null()
        case .meanMilliseconds(let value):
            value.map { writer.verbatim($0.description.utf8) } ?? writer.null()
        case .fractionalMilliseconds(let value): writer.verbatim(Self.number(value).utf8)
        case .seconds(let value):
            value.map { writer.verbatim(TimeSpan(roundedSeconds: $0).secondsText.utf8) }
                ?? writer.null()
        case .status(let value): value.map { writer.string($0.word) } ?? writer.null()
        case .json(let value): value.map { writer.verbatim($0) } ?? writer.null()
        case .value(let value): writer.value(value)
        case .list(let names):
            writer.beginArray()
            for name in names { writer.string(name) }
            writer.endArray()
        case .array(let values):
            writer.beginArray()
            for value in values { value.write(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for (key, value) in members {
                writer.key(key)
                value.write(to: &writer)
            }
            writer.endObject()
        }
    }

    /// A number without a fraction that says nothing: `12`, not `12.0`.
    static func number(_ value: Double) -> String {
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

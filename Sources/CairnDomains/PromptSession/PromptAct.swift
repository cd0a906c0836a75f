internal import CairnCore

/// What a participant did: the eight kinds of seed 004 with their data.
public enum PromptAct: Hashable, Sendable {
    case join
    case leave
    case like
    case numericResponse(rating: Int64)
    case pressStart
    case pressEnd
    case colorResponse(PromptChoice)
    case wordResponse(PromptChoice)
}

/// Which of the choices of a color or word prompt was taken, counted from 0.
public struct PromptChoice: Hashable, Sendable {
    public let index: Int64

    /// Takes an index.
    ///
    /// - Throws: ``PromptEventError/index(_:)`` below zero.
    public init(_ index: Int64) throws(PromptEventError) {
        guard index >= 0 else { throw .index(index) }
        self.index = index
    }
}

/// The kinds of acts, under the words of the column `evtype`.
public enum PromptActKind: String, Hashable, Sendable, CaseIterable {
    case join
    case leave
    case like
    case numericResponse = "numeric_prompt_response"
    case pressStart = "press_prompt_start_response"
    case pressEnd = "press_prompt_end_response"
    case colorResponse = "color_prompt_response"
    case wordResponse = "word_prompt_response"

    /// The one member of the kind's data; nil where the data is empty.
    var member: String? {
        switch self {
        case .join, .leave, .like, .pressStart, .pressEnd: nil
        case .numericResponse: "rating"
        case .colorResponse, .wordResponse: "index"
        }
    }
}

extension PromptAct {
    /// Which of the eight it is.
    public var kind: PromptActKind {
        switch self {
        case .join: .join
        case .leave: .leave
        case .like: .like
        case .numericResponse: .numericResponse
        case .pressStart: .pressStart
        case .pressEnd: .pressEnd
        case .colorResponse: .colorResponse
        case .wordResponse: .wordResponse
        }
    }

    /// The number in the data; nil where the data is empty.
    package var number: Int64? {
        switch self {
        case .join, .leave, .like, .pressStart, .pressEnd: nil
        case .numericResponse(let rating): rating
        case .colorResponse(let choice), .wordResponse(let choice): choice.index
        }
    }

    /// Puts a kind and its number together; a kind without one passes over what is given.
    package init(_ kind: PromptActKind, number: Int64?) throws(PromptEventError) {
        switch kind {
        case .join: self = .join
        case .leave: self = .leave
        case .like: self = .like
        case .numericResponse:
            self = .numericResponse(rating: try Self.required(number, kind, "rating"))
        case .pressStart: self = .pressStart
        case .pressEnd: self = .pressEnd
        case .colorResponse:
            self = .colorResponse(try PromptChoice(try Self.required(number, kind, "index")))
        case .wordResponse:
            self = .wordResponse(try PromptChoice(try Self.required(number, kind, "index")))
        }
    }

    private static func required(
        _ number: Int64?,
        _ kind: PromptActKind,
        _ member: String
    ) throws(PromptEventError) -> Int64 {
        guard let number else {
            throw .data(evtype: kind.rawValue, reason: "it has no whole number '\(member)'")
        }
        return number
    }

    /// Reads the columns `evtype` and `data` of a row.
    ///
    /// - Parameters:
    ///   - evtype: One of the eight words.
    ///   - data: JSON text: `{}`, `{"rating": 3}` or `{"index": 3}`, and no member beside.
    /// - Throws: ``PromptEventError``.
    public init(evtype: String, data: [UInt8]) throws(PromptEventError) {
        guard
            let kind = PromptActKind.allCases.first(where: { $0.rawValue.hasSameBytes(as: evtype) })
        else { throw .evtype(evtype) }
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(data) } catch {
            throw .data(evtype: evtype, reason: error.description)
        }
        guard case .object(let members) = value else {
            throw .data(evtype: evtype, reason: "it is no object but a \(value.kind)")
        }
        if let other = members.first(where: { $0.key != kind.member }) {
            throw .data(evtype: evtype, reason: "it has no member '\(other.key.prefix(80))'")
        }
        var number: Int64?
        if let member = kind.member, case .number(let text)? = value[member] {
            number = JSONNumber(text)?.integer()
        }
        try self.init(kind, number: number)
    }

    /// The column `data`: one JSON object.
    public var data: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if let member = kind.member { writer.member(member, number) }
        writer.endObject()
        return writer.bytes
    }
}

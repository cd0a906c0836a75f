internal import CairnCore
internal import CairnDomains

/// A row that a line of the log leads to.
struct PostfixRow: Sendable {
    let touch: Touch
    /// The line that it comes from.
    let line: PostfixMark
}

/// A line that rows are made of: where and when it stands, and what it is known by.
struct PostfixMark: Sendable {
    let source: Int
    let number: Int
    let instant: Timestamp
    /// A digest of the line and of its ordinal among equal lines of its file.
    let digest: ContentDigest

    /// The uid of one of the rows that the line leads to.
    ///
    /// It is the line's and not the row's: an import that knows more or less of what stands
    /// around the line gives it the same one, and so a line is imported once.
    func uid(_ role: String) -> TouchUID {
        let bytes = ContentDigest(type: role, content: digest.bytes.span.bytes).bytes
        let span = bytes.span.bytes
        return TouchUID(high: span.bigEndian(at: 0), low: span.bigEndian(at: 8))
    }
}

extension JSONWriter {
    /// Builds an object; what is absent is left out.
    static func object(_ members: [(String, PostfixValue?)]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in members {
            guard let value else { continue }
            writer.key(key)
            switch value {
            case .text(let text): writer.string(text)
            case .number(let number): writer.integer(number)
            case .decimal(let text): writer.verbatim(text.utf8)
            }
        }
        writer.endObject()
        return writer.bytes
    }
}

/// A value of a line as it stands in JSON.
enum PostfixValue {
    case text(String)
    case number(Int64)
    /// A number as the line has it.
    case decimal(String)

    init?(_ text: String?) {
        guard let text else { return nil }
        self = .text(text)
    }

    init?(_ number: Int64?) {
        guard let number else { return nil }
        self = .number(number)
    }

    /// A number if it is one in JSON; else a text.
    init?(decimal text: String?) {
        guard let text else { return nil }
        self = JSONNumber(text) == nil ? .text(text) : .decimal(text)
    }
}

internal import CairnCore

/// What kind of thing a system event tells: `service.action` or `service.category.action`.
///
/// Two or three parts with dots between them, at most ``characterCountMax`` characters in all;
/// each part begins with a small letter of ASCII and goes on with such letters, digits and
/// underscores. Compared by bytes.
public struct SystemEventType: Sendable {
    /// Longest name in characters, which are bytes, too.
    public static let characterCountMax = 100

    /// The whole name.
    public let name: String

    /// Takes a name that keeps the rule.
    ///
    /// - Throws: ``SystemEventError/type(_:_:)``.
    public init(_ name: String) throws(SystemEventError) {
        if let flaw = Self.flaw(in: name) { throw .type(name, flaw) }
        self.name = name
    }

    /// Takes a name as it is stored, or as a table has it that kept no rule.
    package init(stored name: String) {
        self.name = name
    }

    /// What breaks the rule; nil where nothing does.
    private static func flaw(in name: String) -> SystemEventTypeFlaw? {
        // Every byte that keeps the rule is a character, so bytes may be counted first.
        if name.utf8.count > characterCountMax, name.count > characterCountMax {
            return .tooLong(characterCount: name.count, characterCountMax: characterCountMax)
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return .partCount(parts.count) }
        for (index, part) in parts.enumerated() {
            guard let first = part.utf8.first else { return .emptyPart(number: index + 1) }
            guard isLetter(first) else { return .badStart(partNumber: index + 1) }
            guard part.utf8.allSatisfy({ isLetter($0) || isDigitOrUnderscore($0) }) else {
                return .badCharacter(partNumber: index + 1)
            }
        }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigitOrUnderscore(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
}

extension SystemEventType: Hashable {
    public static func == (left: SystemEventType, right: SystemEventType) -> Bool {
        left.name.hasSameBytes(as: right.name)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytesOf: name) }
}

extension SystemEventType: CustomStringConvertible {
    public var description: String { name }
}

/// How a name breaks the rule of ``SystemEventType``; parts count from 1.
public enum SystemEventTypeFlaw: Hashable, Sendable {
    case tooLong(characterCount: Int, characterCountMax: Int)
    /// Not two parts and not three.
    case partCount(Int)
    case emptyPart(number: Int)
    /// A part begins with something other than a small letter.
    case badStart(partNumber: Int)
    /// A part holds something other than small letters, digits and underscores.
    case badCharacter(partNumber: Int)
}

extension SystemEventTypeFlaw: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLong(let count, let max): "it has \(count) characters; at most \(max) are possible"
        case .partCount(1): "it has one part; two or three with dots between them are needed"
        case .partCount(let count): "it has \(count) parts; two or three are needed"
        case .emptyPart(let number): "its part \(number) is empty"
        case .badStart(let number): "its part \(number) does not begin with a letter from a to z"
        case .badCharacter(let number):
            "its part \(number) has something other than a to z, 0 to 9 and _"
        }
    }
}

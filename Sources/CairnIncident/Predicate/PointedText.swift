/// A text with a mark under one of its characters, as an error shows what somebody typed.
public struct PointedText: Hashable, Sendable {
    public let text: String
    /// The character that is pointed at, counted from 0.
    public let characterOffset: Int

    public init(_ text: String, at characterOffset: Int) {
        self.text = text
        self.characterOffset = characterOffset
    }

    /// Most characters of the text that are shown.
    static let widthMax = 72

    /// Two lines: the text, and under the character a caret with the reason.
    public func rendering(_ reason: String) -> String {
        let characters = text.map { $0.isWhitespace || !Self.isPrintable($0) ? " " : $0 }
        let offset = min(characterOffset, characters.count)
        let start = max(0, min(offset - Self.widthMax / 2, characters.count - Self.widthMax))
        let end = min(characters.count, start + Self.widthMax)
        let prefix = start > 0 ? "..." : ""
        let suffix = end < characters.count ? "..." : ""
        let caretColumn = prefix.count + offset - start
        return prefix + String(characters[start..<end]) + suffix + "\n"
            + String(repeating: " ", count: caretColumn) + "^ " + reason
    }

    /// Whether a character can go to a terminal without moving its cursor.
    private static func isPrintable(_ character: Character) -> Bool {
        character.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned: false
            default: true
            }
        }
    }
}

/// A key of a terminal.
public enum ScreenKey: Hashable, Sendable {
    case up, down, left, right, home, end, pageUp, pageDown, enter, backspace, escape
    case character(Character)
}

/// Reads keys from the bytes that a terminal sends for them.
public struct ScreenKeyReader: Sendable {
    private static let escape: UInt8 = 0x1B
    /// Longer ones are none of ours.
    private static let sequenceByteCountMax = 16

    private var rest: [UInt8] = []

    public init() {}

    /// Whether bytes are left that may be the beginning of a key.
    public var isInside: Bool { !rest.isEmpty }

    /// Takes bytes as they come; a key may come in parts.
    public mutating func take(_ bytes: some Sequence<UInt8>) -> [ScreenKey] {
        rest += bytes
        var keys: [ScreenKey] = []
        while !rest.isEmpty, let (key, count) = next() {
            rest.removeFirst(count)
            if let key { keys.append(key) }
        }
        return keys
    }

    /// Says that nothing has followed for a while: an escape that is left was the key itself.
    public mutating func pause() -> [ScreenKey] {
        defer { rest = [] }
        return rest == [Self.escape] ? [.escape] : []
    }

    /// The next key, nil for one that is none of ours, and its bytes; nil while it is not whole.
    private func next() -> (ScreenKey?, Int)? {
        switch rest[0] {
        case Self.escape: return sequence()
        case 0x0D, 0x0A: return (.enter, 1)
        case 0x08, 0x7F: return (.backspace, 1)
        case ..<0x20: return (nil, 1)
        case let first:
            let count = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            guard rest.count >= count else { return nil }
            guard let text = String(validating: rest.prefix(count), as: UTF8.self) else {
                return (nil, 1)
            }
            return (text.first.map { .character($0) }, count)
        }
    }

    /// A key that begins with an escape, as `ESC [ A` or `ESC [ 5 ~`.
    private func sequence() -> (ScreenKey?, Int)? {
        guard rest.count > 1 else { return nil }
        guard rest[1] == UInt8(ascii: "[") || rest[1] == UInt8(ascii: "O") else {
            return (.escape, 1)
        }
        guard let end = rest.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
            return rest.count > Self.sequenceByteCountMax ? (nil, rest.count) : nil
        }
        let parameter = String(decoding: rest[2..<end], as: UTF8.self)
        let key: ScreenKey? =
            switch (rest[end], parameter) {
            case (UInt8(ascii: "A"), _): .up
            case (UInt8(ascii: "B"), _): .down
            case (UInt8(ascii: "C"), _): .right
            case (UInt8(ascii: "D"), _): .left
            case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"): .home
            case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"): .end
            case (UInt8(ascii: "~"), "5"): .pageUp
            case (UInt8(ascii: "~"), "6"): .pageDown
            default: nil
            }
        return (key, end + 1)
    }
}

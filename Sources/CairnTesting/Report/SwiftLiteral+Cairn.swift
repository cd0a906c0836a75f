public import CairnCore

extension Timestamp: SwiftLiteralConvertible {
    public var swiftLiteral: String { "Timestamp(nanoseconds: \(nanoseconds))" }
}

extension TimeSpan: SwiftLiteralConvertible {
    public var swiftLiteral: String { "TimeSpan(nanoseconds: \(nanoseconds))" }
}

extension Position: SwiftLiteralConvertible {
    public var swiftLiteral: String { "Position(rawValue: \(rawValue))" }
}

extension StreamID: SwiftLiteralConvertible {
    public var swiftLiteral: String {
        "try StreamID(\(SwiftLiteral.quoted("\(self)")))"
    }
}

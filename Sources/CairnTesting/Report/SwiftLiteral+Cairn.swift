public import CairnCore

extension Timestamp: SwiftLiteralConvertible {
    public var swiftLiteral: String { "CairnCore.Timestamp(nanoseconds: \(nanoseconds))" }
}

extension TimeSpan: SwiftLiteralConvertible {
    public var swiftLiteral: String { "CairnCore.TimeSpan(nanoseconds: \(nanoseconds))" }
}

extension Position: SwiftLiteralConvertible {
    public var swiftLiteral: String { "CairnCore.Position(rawValue: \(rawValue))" }
}

extension StreamID: SwiftLiteralConvertible {
    public var swiftLiteral: String {
        "try CairnCore.StreamID(\(SwiftLiteral.quoted("\(self)")))"
    }
}

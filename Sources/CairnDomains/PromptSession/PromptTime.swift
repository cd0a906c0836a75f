/// How far into the prompt something happened, in seconds: the Double it was given as, exactly.
///
/// Below zero before the prompt began, as in a waiting room. Never NaN and never infinite, so
/// that prompt times have an order; the two zeros are one time.
public struct PromptTime: Hashable, Sendable {
    public let seconds: Double

    public static let zero = PromptTime(checked: 0)
    /// After everything.
    public static let end = PromptTime(checked: .greatestFiniteMagnitude)

    /// Takes seconds.
    ///
    /// - Throws: ``PromptEventError/promptTime(_:)`` for NaN and the infinities.
    public init(_ seconds: Double) throws(PromptEventError) {
        guard seconds.isFinite else { throw .promptTime(seconds) }
        self.seconds = seconds
    }

    private init(checked seconds: Double) {
        self.seconds = seconds
    }

    /// Beyond 2^40 milliseconds, some 34 years, all moments are one.
    private static let millisecondMax: Double = 1_099_511_627_776

    /// The millisecond that the time is in, from the prompt's begin: what totals are told apart by.
    public var millisecond: Int64 {
        let product = (seconds * 1_000).rounded(.down)
        guard product.magnitude < Self.millisecondMax else {
            return Int64(product < 0 ? -Self.millisecondMax : Self.millisecondMax)
        }
        let count = Int64(product)
        // The product was rounded: on which side of a millisecond the time is, its quotient says.
        if Double(count + 1) / 1_000 <= seconds { return count + 1 }
        return Double(count) / 1_000 > seconds ? count - 1 : count
    }
}

extension PromptTime: Comparable {
    public static func < (left: PromptTime, right: PromptTime) -> Bool {
        left.seconds < right.seconds
    }
}

extension PromptTime: CustomStringConvertible {
    /// The shortest text that reads back as the same Double, without a fraction of nothing; one
    /// text for both zeros, which are one time.
    public var description: String {
        if seconds == 0 { return "0" }
        let text = seconds.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

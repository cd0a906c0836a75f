internal import CairnCore

/// How much a system event matters: the three levels of seed 003.
///
/// The numbers are part of stored encodings and never change their meaning.
public enum SystemEventLevel: UInt8, Hashable, Sendable, CaseIterable {
    /// Normal operation.
    case info = 1
    /// Something went wrong that the system can live with, such as a lost race.
    case warn = 2
    /// Something that was asked for did not happen.
    case error = 3

    /// Reads a word in any case of ASCII.
    public init?(word: String) {
        let folded = word.asciiLowercased
        let level = Self.allCases.first { $0.word.asciiLowercased.hasSameBytes(as: folded) }
        guard let level else { return nil }
        self = level
    }

    /// The word as the table spells it.
    public var word: String {
        switch self {
        case .info: "INFO"
        case .warn: "WARN"
        case .error: "ERROR"
        }
    }
}

extension SystemEventLevel: CustomStringConvertible {
    public var description: String { word }
}

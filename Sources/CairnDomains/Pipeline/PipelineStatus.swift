/// What a row says happened: the five words of seed 002, and any other word a source uses.
public enum PipelineStatus: Hashable, Sendable {
    case started, completed, failed, skipped, retryScheduled
    /// A word that is none of the five, kept as it was written.
    case other(String)

    /// Reads a word; `SUCCESS` and `FAILURE` mean completed and failed.
    public init(_ word: String) {
        // Text compares by canonical equivalence, under which a Kelvin sign is a K: only ASCII
        // can be one of the words.
        guard word.utf8.allSatisfy({ $0 < 0x80 }) else {
            self = .other(word)
            return
        }
        self =
            switch word {
            case "STARTED": .started
            case "COMPLETED", "SUCCESS": .completed
            case "FAILED", "FAILURE": .failed
            case "SKIPPED": .skipped
            case "RETRY_SCHEDULED": .retryScheduled
            default: .other(word)
            }
    }

    /// The word as the table spells it.
    public var word: String {
        switch self {
        case .started: "STARTED"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        case .skipped: "SKIPPED"
        case .retryScheduled: "RETRY_SCHEDULED"
        case .other(let word): word
        }
    }

    /// The status as a number.
    public var code: Code {
        switch self {
        case .started: .started
        case .completed: .completed
        case .failed: .failed
        case .skipped: .skipped
        case .retryScheduled: .retryScheduled
        case .other: .other
        }
    }

    /// A status without its word, as events store it: the numbers never change their meaning.
    public enum Code: UInt8, Hashable, Sendable, CaseIterable {
        /// Any word that is none of the five.
        case other = 0
        case started = 1
        case completed = 2
        case failed = 3
        case skipped = 4
        case retryScheduled = 5
    }
}

extension PipelineStatus: CustomStringConvertible {
    public var description: String { word }
}

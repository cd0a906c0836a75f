public import CairnCore

/// What ``JournalInspector/salvage(path:into:)`` could deliver, and what it could not.
public struct SalvageReport: Sendable {
    /// Which commit the delivered packs were taken from.
    public enum Source: Hashable, Sendable {
        /// The one that a meta page leads to.
        case meta(slot: Int, transactionID: UInt64)
        /// A commit whose meta page is damaged; its main page was found in the file.
        case orphanedRoot(page: UInt64, transactionID: UInt64)
        /// None: the packs were found one by one.
        case none
    }

    public let source: Source
    /// The last event delivered; zero if there was none.
    public let lastPosition: Position
    public let packCount: Int
    public let eventCount: UInt64
    /// Packs that no tree led to any more, found by searching the file.
    public let carvedPackCount: Int
    /// The last event of the newest commit that is known; nil if no head record was found.
    public let statedLastPosition: Position?
    /// Events of packs that are damaged or nowhere in the file, though others after them or a head
    /// record are.
    public let lost: [ClosedRange<Position>]
    /// Events that are whole but stand behind a gap, and were not delivered.
    public let stranded: [ClosedRange<Position>]
    /// The pages that stood in the way: the first ones.
    public let faults: [PageFault]

    /// Whether everything that was ever acknowledged was delivered, as far as the file can tell.
    public var isComplete: Bool {
        statedLastPosition == lastPosition && lost.isEmpty && stranded.isEmpty
    }
}

/// Why a rescue stopped.
public enum SalvageError<Failure: Error>: Error {
    /// The damaged file cannot be read at all.
    case inspection(InspectionError)
    /// The receiver of the packs failed; what it got before is in order.
    case receiver(Failure)
}

extension SalvageError: Equatable where Failure: Equatable {}

extension SalvageReport {
    /// Joins ranges that overlap or touch.
    static func merged(_ ranges: [ClosedRange<UInt64>]) -> [ClosedRange<UInt64>] {
        var result: [ClosedRange<UInt64>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last,
                range.lowerBound <= last.upperBound
                    || range.lowerBound - last.upperBound == 1
            {
                let upper = max(last.upperBound, range.upperBound)
                result[result.count - 1] = last.lowerBound...upper
            } else {
                result.append(range)
            }
        }
        return result
    }

    /// What is left of a range without others, which are merged.
    static func gaps(
        in whole: ClosedRange<UInt64>,
        without ranges: [ClosedRange<UInt64>]
    ) -> [ClosedRange<UInt64>] {
        var result: [ClosedRange<UInt64>] = []
        var next = whole.lowerBound
        for range in ranges where range.upperBound >= next && range.lowerBound <= whole.upperBound {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            guard range.upperBound < whole.upperBound else { return result }
            next = range.upperBound + 1
        }
        if next <= whole.upperBound { result.append(next...whole.upperBound) }
        return result
    }
}

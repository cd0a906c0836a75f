package import CairnCore
package import CairnDomains
internal import CairnJournal

/// Keeps where requests stood at earlier positions, so that a question as of one of them need not
/// begin at the first event.
package protocol RequestCheckpoints: Sendable {
    /// The last checkpoint at or before a position.
    ///
    /// - Parameters:
    ///   - bound: The position.
    ///   - definition: The rules that the requests are read by.
    ///   - removals: What is left out.
    ///   - withClosed: Whether requests that were done with are asked for, too.
    /// - Returns: Nil where none is kept by those rules.
    /// - Throws: ``IncidentError``, of the journal; what is kept and cannot be read is not there.
    func standing(
        upTo bound: Position,
        definition: PipelineDefinition,
        removals: StreamRemovals,
        withClosed: Bool
    ) async throws(IncidentError) -> RequestStanding?

    /// The failed retryable events whose time to be tried again has come, as far as they are kept
    /// by their times.
    ///
    /// - Parameters:
    ///   - query: Which events.
    ///   - definition: The rules that the requests are read by.
    ///   - removals: What is left out.
    /// - Returns: Nil where none are kept by those rules.
    /// - Throws: ``IncidentError``, of the journal; what is kept and cannot be read is not there.
    func failures(
        _ query: FailureQuery,
        definition: PipelineDefinition,
        removals: StreamRemovals
    ) async throws(IncidentError) -> KeptFailures?

    /// Hands over where requests stood when it was last asked, for whoever goes on from there.
    ///
    /// - Parameters:
    ///   - bound: The position behind which nothing may be in it.
    ///   - removals: What is left out.
    /// - Returns: Nil where nothing of that kind is at hand.
    /// - Throws: ``IncidentError``, of the journal.
    func takeLast(
        upTo bound: Position,
        removals: StreamRemovals
    ) async throws(IncidentError) -> RequestStanding?

    /// Keeps where requests stand at the journal's end, for the next question.
    func keepLast(_ standing: RequestStanding, removals: StreamRemovals) async
}

/// Which failed retryable events are asked for.
package struct FailureQuery: Sendable {
    /// Whose; nil for all.
    package let tenant: String?
    /// The instant up to which they are due.
    package let now: Timestamp
    /// The last position to see.
    package let bound: Position
    /// After how many no more are wanted, but for those as early as the last one.
    package let limit: Int
}

/// Failed retryable events that are due, as far as they are kept.
package struct KeptFailures: Sendable {
    /// The earliest, in the order of their times: as many as were asked for, and all that are as
    /// early as the last of them.
    package let due: [DueTry]
    /// The last event that they are told of.
    package let position: Position

    package init(_ due: [DueTry], upTo position: Position) {
        self.due = due
        self.position = position
    }
}

/// Where requests stood at one position.
package struct RequestStanding: Sendable {
    package private(set) var position: Position
    /// The open requests, and those that events came to since.
    package private(set) var fleet: PipelineFleet
    /// Those that were done with and that no event came to since, if they were asked for.
    package private(set) var closed: ClosedRequests
    /// Finds one of them, as it was left, at the position of the checkpoint; empty for none, and
    /// nil where it cannot be told any more.
    private let find: (@Sendable (StreamNumber) -> [UInt8]?)?
    private let start: Position

    /// Where requests stand before the first event.
    package init(_ definition: PipelineDefinition) {
        position = .zero
        start = .zero
        fleet = PipelineFleet(definition)
        closed = ClosedRequests()
        find = nil
    }

    package init(
        _ fleet: PipelineFleet,
        at position: Position,
        closed: ClosedRequests?,
        find: @escaping @Sendable (StreamNumber) -> [UInt8]?
    ) {
        self.position = position
        start = position
        self.fleet = fleet
        self.closed = closed ?? ClosedRequests()
        self.find = closed == nil ? find : nil
    }

    /// Takes the next row in.
    ///
    /// - Returns: Whether it could be taken: false where its request was done with, and what is
    ///   kept of it is gone.
    mutating func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        keepingClosed: Bool
    ) throws(PipelineCodecError) -> Bool {
        let number = header.streamNumber
        if header.sequence.rawValue > 1, !fleet.holds(number) {
            var left = closed.remove(number)
            if left.isEmpty, let find, number.firstPosition <= start {
                guard let found = find(number) else { return false }
                left = found
            }
            do throws(TruncatedBytes) {
                if !left.isEmpty { try fleet.put(left.span.bytes) }
            } catch {
                return false
            }
        }
        let step = try PipelineStep(
            frame.extracting(header.payloadRange),
            occurredAt: header.occurredAt
        )
        let isOpen = try fleet.take(step, header, frame: frame)
        position = header.position
        if keepingClosed, !isOpen {
            if let left = fleet.encoded(number) { closed.put(number, left) }
            fleet.remove(number)
        }
        return true
    }

    /// All events up to a position are in.
    mutating func reach(_ position: Position) { self.position = max(self.position, position) }
}

extension PipelineView {
    /// So many events are taken in at any time, in a fraction of a second.
    private static let behindCountMax: UInt64 = 65_536
    /// So many events are taken in without a look at whether a checkpoint is nearer.
    private static let newCountMax: UInt64 = 4_096
    /// How often a question begins anew because the tables went on under it.
    private static let attemptCountMax = 4

    /// Where a question that checkpoints can answer begins; nil where it goes through all events.
    package func start() async throws(IncidentError) -> Position? {
        let bound = try await bound()
        let removals = try await removals(upTo: bound)
        return try await nearest(upTo: bound, removals, withClosed: false, mayGoOn: false)?.position
    }

    /// Where requests stand at a position, by a checkpoint and the events since.
    ///
    /// - Parameters:
    ///   - tenant: Whose events alone are to count; nil for all.
    ///   - bound: The position.
    ///   - withClosed: Whether requests that are done with are asked for, too.
    /// - Returns: Nil where no checkpoint is near enough, or a request has rows of several tenants
    ///   and only one is to count.
    /// - Throws: ``IncidentError``.
    func standing(
        of tenant: String? = nil,
        upTo bound: Position,
        withClosed: Bool = false
    ) async throws(IncidentError) -> RequestStanding? {
        guard checkpoints != nil else { return nil }
        let removals = try await removals(upTo: bound)
        for attempt in 1...Self.attemptCountMax {
            // At last all is read in one view, under which nothing goes on.
            let isLast = attempt == Self.attemptCountMax
            guard
                var standing = try await nearest(
                    upTo: bound,
                    removals,
                    withClosed: withClosed || isLast,
                    // What is kept for questions about the end stays there for them.
                    mayGoOn: attempt == 1 && asOf == nil
                )
            else { return nil }
            var isWhole = true
            try await forEachFrame(
                from: standing.position.next,
                upTo: bound,
                without: removals
            ) { header, frame throws(PipelineCodecError) in
                isWhole = try standing.take(header, frame, keepingClosed: false)
                return isWhole ? .proceed : .stop
            }
            guard isWhole else { continue }
            standing.reach(bound)
            if asOf == nil, !withClosed, !isLast {
                await checkpoints?.keepLast(standing, removals: removals)
            }
            if tenant != nil, standing.fleet.hasMixed { return nil }
            return standing
        }
        return nil
    }

    /// The last checkpoint at or before a position, if it is near enough, or where requests stood
    /// when that was last asked, if that is further.
    private func nearest(
        upTo bound: Position,
        _ removals: StreamRemovals,
        withClosed: Bool,
        mayGoOn: Bool
    ) async throws(IncidentError) -> RequestStanding? {
        var last: RequestStanding?
        if mayGoOn, !withClosed {
            last = try await checkpoints?.takeLast(upTo: bound, removals: removals)
        }
        if let last, bound.rawValue - last.position.rawValue <= Self.newCountMax { return last }
        let stored = try await checkpoints?.standing(
            upTo: bound,
            definition: definition,
            removals: removals,
            withClosed: withClosed
        )
        let known = [last, stored].compactMap(\.self)
        guard let standing = known.max(by: { $0.position < $1.position }) else { return nil }
        let behind = bound.rawValue - standing.position.rawValue
        return behind <= max(Self.behindCountMax, bound.rawValue / 4) ? standing : nil
    }
}

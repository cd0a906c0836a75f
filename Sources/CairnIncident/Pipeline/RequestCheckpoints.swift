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
        let isOpen = try fleet.take(header, frame: frame)
        position = header.position
        if keepingClosed, !isOpen {
            if let left = fleet.encoded(number) { closed.put(number, left) }
            fleet.remove(number)
        }
        return true
    }
}

extension PipelineFleet {
    /// Whether a request has rows of several tenants.
    fileprivate var hasMixed: Bool {
        var hasMixed = false
        forEach { if $1.isMixed { hasMixed = true } }
        return hasMixed
    }
}

extension PipelineView {
    /// So many events are taken in at any time, in a fraction of a second.
    private static let behindCountMax: UInt64 = 65_536
    /// How often a question begins anew because the tables went on under it.
    private static let attemptCountMax = 4

    /// Where a question that checkpoints can answer begins; nil where it goes through all events.
    package func start() async throws(IncidentError) -> Position? {
        try await nearest(upTo: try await bound(), withClosed: false)?.position
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
        for attempt in 1...Self.attemptCountMax {
            // At last all is read in one view, under which nothing goes on.
            let isLast = attempt == Self.attemptCountMax
            guard
                var standing = try await nearest(upTo: bound, withClosed: withClosed || isLast)
            else { return nil }
            var isWhole = true
            try await forEachFrame(from: standing.position.next, upTo: bound) {
                header,
                frame throws(PipelineCodecError) in
                isWhole = try standing.take(header, frame, keepingClosed: false)
                return isWhole ? .proceed : .stop
            }
            guard isWhole else { continue }
            if tenant != nil, standing.fleet.hasMixed { return nil }
            return standing
        }
        return nil
    }

    /// The last checkpoint at or before a position, if it is near enough.
    private func nearest(
        upTo bound: Position,
        withClosed: Bool
    ) async throws(IncidentError) -> RequestStanding? {
        guard let checkpoints else { return nil }
        let removals = try await StreamRemovals(
            of: journal,
            kind: PipelineEvent.streamKind,
            upTo: bound
        )
        guard
            let standing = try await checkpoints.standing(
                upTo: bound,
                definition: definition,
                removals: removals,
                withClosed: withClosed
            )
        else { return nil }
        let behind = bound.rawValue - standing.position.rawValue
        return behind <= max(Self.behindCountMax, bound.rawValue / 4) ? standing : nil
    }

    /// Passes what folds need of each row of one request, and its frame, to a body.
    func scan(
        _ stream: StreamID,
        tenant: String?,
        without removals: StreamRemovals,
        upTo bound: Position,
        _ body: (ScannedStep, RawSpan) -> Void
    ) async throws(IncidentError) {
        let tenant = tenant.map { Array($0.utf8) }
        var failure: IncidentError?
        try await reading { () async throws(JournalError) in
            try await journal.forEachEvent(of: stream, upTo: bound) { header, frame in
                do throws(PipelineCodecError) {
                    guard try PipelineGate.isRow(header, frame: frame), !removals.cover(header)
                    else { return .proceed }
                    let payload = frame.extracting(header.payloadRange)
                    let step = try PipelineStep(payload, occurredAt: header.occurredAt)
                    if let tenant, !payload.extracting(step.tenant.range).isSame(as: tenant) {
                        return .proceed
                    }
                    body(ScannedStep(header: header, step: step), frame)
                    return .proceed
                } catch {
                    failure = .event(position: header.position, error)
                    return .stop
                }
            }
        }
        if let failure { throw failure }
    }
}

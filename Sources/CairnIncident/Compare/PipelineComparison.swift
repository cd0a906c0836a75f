public import CairnCore
public import CairnDomains
public import CairnJournal

/// Two pipeline definitions over the requests of a journal: whether the new one breaks any.
///
/// Beside where the states differ, it says what becomes of requests in flight: those that have
/// not ended by one of the two definitions.
public struct PipelineComparison: Sendable {
    public let journal: any Journal
    public let old: PipelineDefinition
    public let new: PipelineDefinition
    /// The last position to see; nil for all that there is when a comparison starts.
    public let asOf: Position?

    /// Only requests of this tenant; nil for all.
    public var tenant: String?
    /// Only requests whose current event has this status; nil for all.
    public var status: String?
    /// Only requests in this stage by the old definition, under its name or an alias; nil for all.
    public var stage: String?
    /// What else must hold of a request by the old definition.
    public var predicate: Predicate<RequestRow>?
    /// Whether only requests in flight are compared.
    public var isInFlightOnly = false
    /// What may differ, by the fields of ``RequestRow``.
    public var ignored: [FieldPattern] = []
    /// How many requests of each cause are shown whole.
    public var exampleCountMax = 3

    public init(
        _ journal: any Journal,
        from old: PipelineDefinition,
        to new: PipelineDefinition,
        asOf: Position? = nil
    ) {
        (self.journal, self.old, self.new, self.asOf) = (journal, old, new, asOf)
    }

    /// Compares the definitions on all requests.
    ///
    /// - Parameter now: The instant that ages and deadlines count from.
    /// - Returns: What the definitions differ in, and what becomes of requests by it.
    /// - Throws: ``IncidentError``.
    /// - Complexity: As ``MachineComparison/report()``, and then one pass over the journal for what
    ///   ``PipelineView/stuck(tenant:now:olderThan:usesDeadlines:)`` and
    ///   ``PipelineView/retries(tenant:now:openOnly:limit:)`` say by both definitions.
    public func report(now: Timestamp) async throws(IncidentError) -> PipelineComparisonReport {
        // All answers are of one moment, whatever is recorded meanwhile.
        let bound = try await bound()
        let comparison = machines(upTo: bound, now: now)
        let rules = DefinitionPair(old, new)
        var consequences = ComparisonConsequences()
        let report = try await comparison.report { stream, old, new in
            guard Self.isInFlight(old, new) else { return }
            consequences.take(stream, old.state, new.state, by: rules)
        }
        for (request, answer) in try await listAnswers(upTo: bound, now: now) {
            let stream = try PipelineComparison.stream(of: request)
            guard let number = try await comparison.number(of: stream) else { continue }
            consequences.take(answer, of: number)
        }
        let (breaks, answers) = try await consequences.counts {
            number throws(IncidentError) in
            try await comparison.streamID(of: number).key
        }
        return PipelineComparisonReport(
            definition: old.differences(to: new),
            breaks: breaks,
            answers: answers,
            requests: report
        )
    }

    /// Compares the definitions on one request.
    ///
    /// - Parameters:
    ///   - id: Its `pagw_id`.
    ///   - now: The instant that ages and deadlines count from.
    /// - Returns: What becomes of the request.
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownRequest(_:)`` where the view has
    ///   no event of it.
    /// - Complexity: A read of the request, and what ``report(now:)`` does beside comparing.
    public func request(
        _ id: String,
        now: Timestamp
    ) async throws(IncidentError) -> RequestComparison {
        let bound = try await bound()
        let comparison = machines(upTo: bound, now: now)
        let sight: MachineComparison<RequestMachine, RequestMachine>.Sight
        do throws(IncidentError) {
            sight = try await comparison.sight(of: id)
        } catch {
            if case .unknownStream = error { throw .unknownRequest(id) }
            throw error
        }
        let states = (old: sight.state.old, new: sight.state.new)
        guard states.old.state.eventCount > 0 else { throw .unknownRequest(id) }
        let isInFlight = Self.isInFlight(states.old, states.new)
        let rules = DefinitionPair(old, new)
        var answers: [PipelineAnswer] = []
        if isInFlight {
            answers = PipelineAnswer.all(states.old.state, states.new.state, by: rules)
            answers += try await listAnswers(upTo: bound, now: now)
                .filter { $0.request.hasSameBytes(as: id) }.map(\.answer)
        }
        return RequestComparison(
            requestID: id,
            isInFlight: isInFlight,
            breaks: isInFlight
                ? PipelineBreak.all(states.old.state, states.new.state, by: rules) : [],
            answers: answers,
            divergence: sight.divergence
        )
    }

    private func machines(
        upTo bound: Position,
        now: Timestamp
    ) -> MachineComparison<RequestMachine, RequestMachine> {
        var comparison = MachineComparison(
            journal,
            from: RequestMachine(old),
            to: RequestMachine(new),
            asOf: bound
        )
        comparison.ignored = ignored
        comparison.groupedBy = [EventField.stage.rawValue, EventField.eventType.rawValue]
        comparison.exampleCountMax = exampleCountMax
        comparison.isInFlight = { Self.isInFlight($0, $1) }
        // What a row says does not depend on the definition; only what it means does.
        comparison.sharedReading = { $0 }
        let agreement = DefinitionAgreement(old, new)
        comparison.agreement = .init(state: { $0 }, covers: { agreement.covers($0) })
        if Self.hasPlainWords(old), Self.hasPlainWords(new) {
            comparison.isSurelySame = { $0.looksAs($1) }
        } else {
            comparison.isSurelySame = { _, _ in false }
        }
        let (tenant, predicate, isInFlightOnly) = (tenant, predicate, isInFlightOnly)
        let status = status.map { PipelineStatus($0).word }
        let stage = stage.map { self.old.stageName(of: $0) }
        comparison.isSelected = { stream, old, new in
            // What was removed has no rows left.
            guard old.state.eventCount > 0, !isInFlightOnly || Self.isInFlight(old, new) else {
                return false
            }
            func says(_ found: String?, _ wanted: String?) -> Bool {
                wanted.map { found?.hasSameBytes(as: $0) ?? false } ?? true
            }
            let current = old.state.current
            guard says(old.state.tenant, tenant), says(current?.status.word, status),
                says(current?.stage, stage)
            else { return false }
            guard let predicate else { return true }
            return predicate.matches(
                RequestRow(
                    requestID: stream.key,
                    state: old.state,
                    now: now,
                    metadata: old.metadata
                )
            )
        }
        return comparison
    }

    private static func isInFlight(_ old: RequestFold, _ new: RequestFold) -> Bool {
        !old.state.isTerminal || !new.state.isTerminal
    }

    private static func stream(of request: String) throws(IncidentError) -> StreamID {
        do throws(LimitError) {
            return try PipelineEvent.streamID(request: request)
        } catch {
            throw .limit(error)
        }
    }

    /// Whether no two words of a definition are the same text in different bytes, so that texts
    /// that are equal have the same bytes.
    private static func hasPlainWords(_ definition: PipelineDefinition) -> Bool {
        definition.stages.allSatisfy { stage in
            ([stage.name] + stage.aliases).allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
        }
    }
}

extension RequestFold {
    /// Whether all that the state's document tells is equal; false says nothing.
    ///
    /// Definitions may differ in what they keep beside that, for as long as it takes until it shows.
    @inline(__always)
    fileprivate func looksAs(_ other: RequestFold) -> Bool {
        state.current == other.state.current && state.stages == other.state.stages
            && state.anomalies == other.state.anomalies
            && state.isTerminal == other.state.isTerminal
            && state.reopenedCount == other.state.reopenedCount
            && state.lastError == other.state.lastError
            && state.attemptMax == other.state.attemptMax
            && state.eventCount == other.state.eventCount
            && state.tenant == other.state.tenant
            && state.firstCreatedAt == other.state.firstCreatedAt
            && state.lastCreatedAt == other.state.lastCreatedAt
            && metadata == other.metadata
    }
}

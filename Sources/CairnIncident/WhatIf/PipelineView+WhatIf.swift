public import CairnCore
public import CairnDomains
internal import CairnJournal

extension PipelineView {
    /// What would be different about a request, had it had another history or other rules.
    ///
    /// The view's definition is that of the recorded history. A retry whose time was recorded
    /// keeps it; where the policy of its stage is another one, that decides anew when, counted
    /// from the failure.
    ///
    /// - Parameters:
    ///   - requestID: The request's `pagw_id`.
    ///   - overlay: What is changed about its events; one that is inserted has the request's
    ///     tenant unless it names another.
    ///   - definition: The rules of the other history; nil for the view's own.
    ///   - now: The instant that is asked about.
    /// - Returns: Both histories, and what follows from them.
    /// - Throws: ``WhatIfError``.
    /// - Complexity: As ``WhatIf``; where the request rests, also a pass over the journal.
    public func whatIf(
        _ requestID: String,
        _ overlay: Overlay = Overlay(),
        by definition: PipelineDefinition? = nil,
        now: Timestamp
    ) async throws(WhatIfError) -> RequestWhatIf {
        let other = definition ?? self.definition
        let steps: [MachineStep<RequestEvent>]
        let removedCount: Int
        do throws(IncidentError) {
            (steps, removedCount) = try await self.steps(of: requestID)
        } catch {
            throw .incident(error)
        }
        let history: WhatIf<RequestMachine>
        do throws(OverlayError) {
            history = try WhatIf(
                steps,
                overlay.completing("tenant", with: steps.tenant.map { .string($0) }),
                of: RequestMachine(self.definition),
                by: RequestMachine(other),
                oddities: RequestMachine.oddities
            )
        } catch {
            throw .overlay(error)
        }
        let recorded = RequestRows(history.lines, of: requestID, .recorded)
        let hypothetical = RequestRows(history.lines, of: requestID, .hypothetical)
        let retries = [
            try await recorded.openRetries(by: self.definition),
            try await hypothetical.openRetries(by: other),
        ]
        return RequestWhatIf(
            requestID: requestID,
            removedCount: removedCount,
            history: history,
            recordedRest: try await rest(of: recorded, by: self.definition, now: now),
            rest: try await rest(
                of: hypothetical,
                by: other,
                now: now,
                without: history.droppedPositions
            ),
            retries: outlooks(
                history,
                listed: retries,
                open: hypothetical.openFailures(by: other),
                by: other
            )
        )
    }

    private func rest(
        of rows: RequestRows,
        by definition: PipelineDefinition,
        now: Timestamp,
        without dropped: Set<Position> = []
    ) async throws(WhatIfError) -> RequestRest? {
        guard let latest = rows.latest else { return nil }
        let event = latest.event
        guard event.status == .started || event.status == .failed else { return nil }
        let isSilent: Bool
        do throws(IncidentError) {
            let seen = try await lastPositions(
                ofWorkersIn: [latest],
                upTo: try await bound(),
                without: dropped
            )
            let last = event.workerID.flatMap { seen[ExactText($0)] }
            isSilent = last.map { $0 <= rows.recordedPosition(of: latest) } ?? true
        } catch {
            throw .incident(error)
        }
        let span = definition.deadline(of: event.stage) ?? Self.restMax
        let row = StuckRow(latest, isWorkerSilent: isSilent, definition: definition, now: now)
        return RequestRest(
            stage: event.stage,
            eventType: event.eventType,
            status: event.status,
            since: event.createdAt,
            deadline: event.createdAt.adding(span),
            reason: row.reason,
            isStuck: event.createdAt < now.adding(span.negated)
        )
    }

    private func outlooks(
        _ history: WhatIf<RequestMachine>,
        listed: [[Int: Timestamp]],
        open: Set<Int>,
        by other: PipelineDefinition
    ) -> [RetryOutlook] {
        let places = history.placesBeforeMoves
        return history.lines.enumerated().compactMap { index, line in
            // What is moved is told once, where it stands in the changed history.
            guard line.event.change != .movedAway else { return nil }
            let recorded = line.event.source?.event?.failure
            let next = line.event.event?.failure
            let times = [listed[0][places[index] ?? index], listed[1][index]]
            let row = (line.event.event ?? line.event.source?.event)?.row
            guard let row, recorded != nil || next != nil || times != [nil, nil] else { return nil }
            let recordedChoice = recorded.map {
                RetryChoice($0, by: definition.retryPolicy(ofStage: $0.stage))
            }
            let choice = next.map { RetryChoice($0, by: other.retryPolicy(ofStage: $0.stage)) }
            var retryAt = times[1]
            // A changed policy decides of what waits for its next try, and of nothing before.
            if let choice, open.contains(index) || retryAt != nil,
                definition.retryPolicy(ofStage: row.stage) != other.retryPolicy(ofStage: row.stage)
            {
                retryAt = choice.latest
            }
            return RetryOutlook(
                line: index,
                stage: row.stage,
                attempt: row.attempt,
                failedAt: row.createdAt,
                recordedRetryAt: times[0],
                retryAt: retryAt,
                recordedPolicy: recordedChoice,
                policy: choice
            )
        }
    }

    /// How long a request may rest in a stage that declares no deadline.
    static let restMax = TimeSpan.seconds(900)
}

internal import CairnCore
internal import CairnJournal

extension MachineComparison {
    /// Compares the machines on all streams of the view.
    ///
    /// - Returns: The streams on which they differ, each once, and these grouped by cause.
    /// - Throws: ``IncidentError``, with ``IncidentError/unreadable(position:_:)`` for an event
    ///   that neither machine can read.
    /// - Complexity: A pass over the journal in each of ``foldCount`` folds at the same time,
    ///   which read and fold each event twice and compare states after it, but where both machines
    ///   are known to do the same; documents are made only of states that are not equal. Then a
    ///   read of each stream that is shown whole. Memory for both states of each stream; of what
    ///   differs, one cause for each kind of divergence.
    public func report() async throws(IncidentError) -> ComparisonReport {
        try await report { _, _, _ in }
    }

    /// Compares the machines, and hands over the last states of each selected stream.
    func report(
        _ body: (StreamNumber, Old.State, New.State) -> Void
    ) async throws(IncidentError) -> ComparisonReport {
        let bound = try await bound()
        let removals = try await StreamRemovals(of: journal, kind: old.streamKind, upTo: bound)
        var ledger = ComparisonLedger()
        for part in try await parts(upTo: bound, without: removals) {
            for (stream, track) in zip(part.tracks.numbers, part.tracks.values) {
                let state = track.state
                if let isSelected {
                    let id = try await streamID(of: stream)
                    guard isSelected(id, state.old, state.new) else { continue }
                }
                body(stream, state.old, state.new)
                let isInFlight = isInFlight.map { $0(state.old, state.new) } ?? true
                ledger.count(isInFlight: isInFlight)
                guard let place = track.place else { continue }
                ledger.add(
                    DivergedStream(
                        stream: stream,
                        position: place.position,
                        sequence: place.sequence,
                        group: ledger.number(of: part.causes[place.cause]),
                        isInFlight: isInFlight,
                        isHealed: isHealed(state)
                    )
                )
            }
        }
        return try await ledger.report(exampleCountMax) { number throws(IncidentError) in
            let stream = try await streamID(of: number)
            return try await sight(of: stream, upTo: bound, without: removals).divergence
        }
    }

    /// Where the machines part on one stream; nil where they agree.
    ///
    /// - Parameter key: The stream's name behind the slash.
    /// - Returns: The first event after which they differ, with all that differs.
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownStream(_:)`` where the view has no
    ///   event of it.
    /// - Complexity: A read of the stream.
    public func divergence(of key: String) async throws(IncidentError) -> Divergence? {
        try await sight(of: key).divergence
    }

    /// Where the machines part on one stream, if they do, and the last states of it.
    func sight(of key: String) async throws(IncidentError) -> Sight {
        let bound = try await bound()
        let removals = try await StreamRemovals(of: journal, kind: old.streamKind, upTo: bound)
        return try await sight(
            of: try MachineView(journal, old).stream(key),
            upTo: bound,
            without: removals
        )
    }

    /// One stream, compared.
    struct Sight {
        let divergence: Divergence?
        let state: MachinePair<Old, New>.State
    }

    private func sight(
        of stream: StreamID,
        upTo bound: Position,
        without removals: StreamRemovals
    ) async throws(IncidentError) -> Sight {
        let pair = pair()
        let view = MachineView(journal, pair, asOf: bound)
        var state = pair.initial
        var found: (step: MachineStep<MachinePair<Old, New>.Event>, split: Split)?
        var isKnown = false
        guard let number = try await number(of: stream) else { throw .unknownStream(stream) }
        try await view.forEachStep(of: stream) { step in
            guard !removals.cover(number, at: step.position) else { return .proceed }
            isKnown = true
            view.take(step, into: &state)
            if found == nil, let split = split(after: step, state) { found = (step, split) }
            return .proceed
        }
        guard isKnown else { throw .unknownStream(stream) }
        guard let (step, split) = found else { return Sight(divergence: nil, state: state) }
        let divergence = Divergence(
            stream: stream,
            position: step.position,
            sequence: step.sequence,
            recordedAt: step.recordedAt,
            occurredAt: step.occurredAt,
            type: step.type,
            event: split.event,
            cause: split.cause,
            differences: split.differences,
            finalDifferences: differences(of: state),
            isHealed: isHealed(state)
        )
        return Sight(divergence: divergence, state: state)
    }

    /// The number of a stream; nil where it has no event.
    func number(of stream: StreamID) async throws(IncidentError) -> StreamNumber? {
        var number: StreamNumber?
        _ = try await reading { () async throws(JournalError) in
            try await journal.page(
                of: stream,
                from: SequenceNumber(rawValue: 1),
                .forwards,
                upTo: nil,
                limit: PageLimit(eventCountMax: 1)
            ) { header, _ in
                number = header.streamNumber
                return .stop
            }
        }
        return number
    }

    private func isHealed(_ state: MachinePair<Old, New>.State) -> Bool {
        state.isOldReadable && state.isNewReadable && differences(of: state).isEmpty
    }
}

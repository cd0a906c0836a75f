internal import CairnCore
internal import CairnDomains
internal import CairnJournal

extension ItemView {
    /// One item with all its events; nil where the stream has none.
    func sight(
        of stream: StreamID,
        now: Timestamp
    ) async throws(IncidentError) -> ItemSight? {
        var lives = HolderLives(self)
        let bound = try await bound()
        guard let row = try await row(of: stream, upTo: bound, now: now, &lives) else {
            return nil
        }
        // As far as the row goes, which may be beyond the bound where its holder is gone.
        var item = FoldedItem()
        var events: [ItemEventLine] = []
        let end = row.state.eventCount
        try await forEachFrame(of: stream, upTo: asOf) { header, frame throws(EventCodecError) in
            guard item.state.eventCount < end else { return .stop }
            let before = item.state.anomalyCount &+ item.state.strayCallbackCount
            if let event = try item.take(header, frame: frame, isWhole: true) {
                let after = item.state.anomalyCount &+ item.state.strayCallbackCount
                events.append(ItemEventLine(header, event, isAnomaly: after != before))
            }
            return .proceed
        }
        return ItemSight(
            row: row,
            events: events,
            droppedReportCount: try await droppedReportCount(of: row, upTo: bound)
        )
    }

    /// How many reports the providers' names for an item could not keep until it had them.
    private func droppedReportCount(
        of row: ItemRow,
        upTo bound: Position
    ) async throws(IncidentError) -> UInt64 {
        let machine = ReferenceMachine()
        var count: UInt64 = 0
        for name in row.state.providerNames where !name.reference.isEmpty {
            let stream = try Self.naming { () throws(LimitError) in
                try ReferenceMachine.stream(provider: name.provider, reference: name.reference)
            }
            var state = machine.initial
            try await forEachFrame(of: stream, upTo: bound) {
                header,
                frame throws(EventCodecError) in
                if let event = try machine.event(header, frame: frame) {
                    machine.evolve(&state, by: event)
                }
                // The first item that had the name took what was kept under it.
                return state.link == nil ? .proceed : .stop
            }
            if state.link == row.stream { count &+= state.droppedCount }
        }
        return count
    }
}

extension ItemEventLine {
    fileprivate init(_ header: EventHeader, _ event: ItemEvent, isAnomaly: Bool) {
        position = header.position
        sequence = header.sequence
        recordedAt = header.recordedAt
        type = event.fact.kind.rawValue
        summary = event.summary
        self.isAnomaly = isAnomaly
    }
}

extension ItemState {
    /// What providers call the item's attempts.
    var providerNames: Set<ProviderName> {
        attempts.reduce(into: Set()) { names, attempt in
            names.formUnion(attempt.facts.names)
            if let name = attempt.providerName { names.insert(name) }
        }
    }
}

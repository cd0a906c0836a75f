internal import CairnCore
internal import CairnDomains
internal import CairnJournal

extension ItemView {
    /// Links that are read at a time: many need not be looked at for a few rows.
    private static let linkCountMax = 256

    /// A customer's interactions, by the stream that lists them, the newest first.
    func items(
        of customer: String,
        where query: ItemQuery,
        upTo bound: Position,
        now: Timestamp
    ) async throws(IncidentError) -> [ItemRow] {
        let stream = try Self.naming { () throws(LimitError) in
            try CustomerStream.stream(of: customer)
        }
        var lives = HolderLives(self)
        var rows: [ItemRow] = []
        var next: SequenceNumber?
        while rows.count < query.limit, next != .zero {
            let (links, rest) = try await links(in: stream, from: next, upTo: bound)
            next = rest
            for link in links where rows.count < query.limit {
                let item = try await folded(link, upTo: bound)
                // Long names may share a customer's stream.
                guard let request = item.state.request, query.requestFilter?(request) ?? true else {
                    continue
                }
                let number = StreamNumber(rawValue: item.position.rawValue)
                let judged = try await lives.judge(item, in: number)
                if query.matches(judged, now: now) { rows.append(ItemRow(link, judged, now: now)) }
            }
        }
        return rows
    }

    /// Some of the interactions that a customer's stream lists, backwards.
    ///
    /// - Returns: Their streams, and where the next ones are listed; zero for nowhere.
    private func links(
        in stream: StreamID,
        from sequence: SequenceNumber?,
        upTo bound: Position
    ) async throws(IncidentError) -> (links: [StreamID], next: SequenceNumber) {
        var links: [StreamID] = []
        var next = SequenceNumber.zero
        try await forEachFrame(of: stream, from: sequence, .backwards, upTo: bound) {
            header,
            frame throws(EventCodecError) in
            if let link = try CustomerStream.interaction(header, frame: frame) {
                links.append(link)
            }
            next = SequenceNumber(rawValue: header.sequence.rawValue - 1)
            return links.count < Self.linkCountMax ? .proceed : .stop
        }
        return (links, next)
    }
}

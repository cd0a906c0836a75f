public import CairnCore
public import CairnDomains
internal import CairnJournal

/// Which items to list.
public struct ItemQuery: Sendable {
    /// Only items with this status.
    public var status: InteractionStatus?
    /// Only items whose verdict has this word.
    public var verdict: String?
    /// Only items that a run of this job began.
    public var job: String?
    /// Only interactions over this channel.
    public var channel: Channel?
    /// Only interactions with this customer.
    public var customer: String?
    /// Only items of which nobody knows whether they were sent.
    public var inDoubtOnly: Bool
    /// Only items whose last event, or with ``inDoubtOnly`` whose doubt, is older than this; nil for
    /// all.
    public var olderThan: TimeSpan?
    /// Most rows.
    public var limit: Int

    public init(
        status: InteractionStatus? = nil,
        verdict: String? = nil,
        job: String? = nil,
        channel: Channel? = nil,
        customer: String? = nil,
        inDoubtOnly: Bool = false,
        olderThan: TimeSpan? = nil,
        limit: Int = 100
    ) {
        self.status = status
        self.verdict = verdict
        self.job = job
        self.channel = channel
        self.customer = customer
        self.inDoubtOnly = inDoubtOnly
        self.olderThan = olderThan
        self.limit = limit
    }
}

extension ItemQuery {
    /// Whether something that is to be done is one of those; nil where all are.
    var requestFilter: ((ItemRequest) -> Bool)? {
        guard job != nil || channel != nil || customer != nil else { return nil }
        return { [job, channel, customer] request in
            func isSame(_ wanted: String?, _ found: String?) -> Bool {
                guard let wanted else { return true }
                return found?.hasSameBytes(as: wanted) ?? false
            }
            return isSame(job, request.job) && isSame(customer, request.message?.customer)
                && (channel.map { $0 == request.message?.channel } ?? true)
        }
    }

    func matches(_ judged: JudgedItem, now: Timestamp) -> Bool {
        if let status, judged.item.state.status != status { return false }
        if let verdict, !judged.verdict.word.hasSameBytes(as: verdict) { return false }
        var since = judged.item.updatedAt
        if inDoubtOnly {
            guard let inDoubtSince = judged.inDoubtSince else { return false }
            since = inDoubtSince
        }
        guard let olderThan else { return true }
        return since < now.adding(olderThan.negated)
    }
}

extension ItemView {
    /// Finds one item by its key; nil if nothing was ever begun under it.
    ///
    /// - Throws: ``IncidentError``.
    public func item(key: ItemKey, now: Timestamp) async throws(IncidentError) -> ItemSight? {
        let stream = try Self.naming { () throws(LimitError) in try key.stream }
        let sight = try await sight(of: stream, now: now)
        // Long keys may share a stream's name; only one of them is meant by it.
        if let stored = sight?.row.state.request?.key, stored != key { return nil }
        return sight
    }

    /// What a key stands at.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - content: What somebody would do under it; nil to ask without comparing.
    /// - Returns: One of the seven.
    /// - Throws: ``IncidentError``.
    /// - Complexity: The events of the key.
    public func verdict(
        of key: ItemKey,
        for content: ContentDigest? = nil
    ) async throws(IncidentError) -> KeyVerdict {
        let stream = try Self.naming { () throws(LimitError) in try key.stream }
        let item = try await folded(stream, upTo: try await bound())
        guard item.sequence > .zero, item.state.request?.key ?? key == key else { return .fresh }
        if case .conflict(let stored, let given) = item.state.verdict(for: content) {
            return .conflict(stored: stored, given: given)
        }
        var lives = HolderLives(self)
        let number = StreamNumber(rawValue: item.position.rawValue)
        return try await lives.judge(item, in: number).verdict
    }

    /// Finds one interaction by its uuid, with or without a key; nil if there is none.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: One stream for an interaction without a key; else one pass over the journal,
    ///   backwards until it is met.
    public func item(uuid: String, now: Timestamp) async throws(IncidentError) -> ItemSight? {
        if let stream = try? StreamID(kind: InteractionMessage.streamKind, key: uuid),
            let sight = try await sight(of: stream, now: now)
        {
            return sight
        }
        let machine = ItemMachine()
        var found: StreamNumber?
        try await forEachFrame(.backwards, upTo: try await bound()) {
            header,
            frame throws(EventCodecError) in
            guard let stream = header.streamID(in: frame), stream.isOfItem,
                let message = try machine.event(header, frame: frame)?.request?.message,
                message.uuid.hasSameBytes(as: uuid)
            else { return .proceed }
            found = header.streamNumber
            return .stop
        }
        guard let found else { return nil }
        return try await sight(of: try await streamID(of: found), now: now)
    }

    /// Lists items, the one that began last first.
    ///
    /// - Parameters:
    ///   - query: Which items, and how many.
    ///   - now: The instant that ages count to.
    /// - Returns: A row for each item.
    /// - Throws: ``IncidentError``.
    /// - Complexity: The end of the journal in which the rows began, read twice, and the events
    ///   of the rows. Where few items fit, the whole journal, once for every 65,536 items. Of one
    ///   customer, no more than the events of that customer's interactions.
    public func items(
        where query: ItemQuery = ItemQuery(),
        now: Timestamp
    ) async throws(IncidentError) -> [ItemRow] {
        let bound = try await bound()
        if let customer = query.customer {
            return try await items(of: customer, where: query, upTo: bound, now: now)
        }
        var lives = HolderLives(self)
        var chunks = ItemChunks(self, upTo: bound, where: query.requestFilter)
        var rows: [ItemRow] = []
        while rows.count < query.limit, let chunk = try await chunks.nextChunk() {
            for (number, item) in chunk where rows.count < query.limit {
                let first = try await lives.judge(item, in: number)
                guard query.matches(first, now: now) else { continue }
                let stream = try await streamID(of: number)
                let whole = try await folded(stream, upTo: bound)
                let judged = try await lives.judge(whole, in: number)
                // It may have gone on since it was looked at first.
                guard query.matches(judged, now: now) else { continue }
                rows.append(ItemRow(stream, judged, now: now))
            }
        }
        return rows
    }

    /// The interactions with a customer, the newest first: `get_history()` of seed 001.
    ///
    /// - Parameters:
    ///   - customer: `customer_id`.
    ///   - limit: Most rows.
    ///   - now: The instant that ages count to.
    /// - Returns: A row for each interaction; none for a customer that nobody knows.
    /// - Throws: ``IncidentError``.
    /// - Complexity: The events of the rows.
    public func history(
        customer: String,
        limit: Int = 100,
        now: Timestamp
    ) async throws(IncidentError) -> [ItemRow] {
        try await items(where: ItemQuery(customer: customer, limit: limit), now: now)
    }

    func row(
        of stream: StreamID,
        upTo bound: Position,
        now: Timestamp,
        _ lives: inout HolderLives
    ) async throws(IncidentError) -> ItemRow? {
        let item = try await folded(stream, upTo: bound)
        guard item.sequence > .zero else { return nil }
        let number = StreamNumber(rawValue: item.position.rawValue)
        return ItemRow(stream, try await lives.judge(item, in: number), now: now)
    }

    /// Names a stream, with the errors of names in this module's terms.
    static func naming(
        _ body: () throws(LimitError) -> StreamID
    ) throws(IncidentError) -> StreamID {
        do throws(LimitError) {
            return try body()
        } catch {
            throw .limit(error)
        }
    }
}

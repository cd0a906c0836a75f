import Cairn

/// Cairn's system events, through what an embedder calls.
struct CairnIncidents {
    /// Pages whose positions are compared with those of a walk through all events.
    private static let comparedCount = 3

    /// Records system events, a thousand a turn.
    static func fill(_ incidents: Incidents, in directory: String) async throws {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        let stream = try SystemEvent.stream()
        let payload = try SystemEventPayload(#"{"operation":"save","attempt":1}"#)
        var batch: [NewEvent] = []
        for (index, event) in incidents.events.enumerated() {
            let new = SystemEvent(
                SystemEventLevel(rawValue: event.level) ?? .info,
                try type(event.type),
                leadID: event.lead.map(LeadID.init(rawValue:)),
                payload: payload
            )
            let instant = Timestamp(nanoseconds: Int64(index) * 1_000_000)
            batch.append(try new.newEvent(at: instant))
            if batch.count >= 1_000 || index + 1 == incidents.events.count {
                try await journal.append([StreamAppend(batch, to: stream)])
                batch = []
            }
        }
    }

    private static func type(_ number: UInt8) throws -> SystemEventType {
        try SystemEventType("service.action_\(number)")
    }

    private static func query(
        _ filter: Incidents.Filter,
        before cursor: UInt64
    ) throws -> SystemEventQuery {
        var query = SystemEventQuery(
            limit: Incidents.pageCount,
            before: Position(rawValue: cursor)
        )
        switch filter {
        case .plain: break
        case .level: query.level = SystemEventLevel(rawValue: Incidents.rareLevel)
        case .type: query.type = try type(Incidents.type).name
        case .lead: query.leadID = LeadID(rawValue: Incidents.heavyLead)
        case .leadLevel:
            query.leadID = LeadID(rawValue: Incidents.heavyLead)
            query.level = SystemEventLevel(rawValue: Incidents.rareLevel)
        }
        return query
    }

    /// Asks for pages, one by one.
    static func pages(
        _ filter: Incidents.Filter,
        of incidents: Incidents,
        in directory: String
    ) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        let board = SystemEventBoard(journal)
        try await board.catchUp()
        var latencies: [UInt64] = []
        let clock = ContinuousClock()
        for cursor in incidents.cursors(count: 2_000) {
            let query = try query(filter, before: cursor)
            let began = clock.now
            _ = try await board.list(query)
            latencies.append(UInt64((clock.now - began) / .nanoseconds(1)))
        }
        return Outcome(
            eventCount: latencies.count,
            latenciesNanoseconds: latencies,
            hash: try await hash(filter, incidents, board)
        )
    }

    /// Finds pages by going through an array in memory.
    static func walked(_ filter: Incidents.Filter, of incidents: Incidents) -> Outcome {
        var latencies: [UInt64] = []
        var hash: UInt64 = 0
        let clock = ContinuousClock()
        for cursor in incidents.cursors(count: comparedCount) {
            let began = clock.now
            let page = incidents.page(filter, before: cursor)
            latencies.append(UInt64((clock.now - began) / .nanoseconds(1)))
            hash = (hash &* 31) &+ Incidents.hash(page)
        }
        return Outcome(eventCount: latencies.count, latenciesNanoseconds: latencies, hash: hash)
    }

    /// Folds all events, in memory or into tables beside the journal.
    static func rebuild(
        _ incidents: Incidents,
        isStored: Bool,
        in directory: String
    ) async throws -> Outcome {
        let journal = try await LMDBJournal.withoutTables(isStored: isStored, in: directory)
        defer { journal.close() }
        let board = SystemEventBoard(journal)
        let clock = ContinuousClock()
        let began = clock.now
        if isStored { try await board.catchUp() }
        _ = try await board.list(SystemEventQuery(limit: 1, level: .error))
        let seconds = (clock.now - began) / .seconds(1)
        return Outcome(
            eventCount: incidents.events.count,
            seconds: seconds,
            hash: try await hash(.level, incidents, board)
        )
    }

    static func expectedHash(_ filter: Incidents.Filter, _ incidents: Incidents) -> UInt64 {
        walked(filter, of: incidents).hash
    }

    private static func hash(
        _ filter: Incidents.Filter,
        _ incidents: Incidents,
        _ board: SystemEventBoard
    ) async throws -> UInt64 {
        var hash: UInt64 = 0
        for cursor in incidents.cursors(count: comparedCount) {
            let rows = try await board.list(try query(filter, before: cursor)).rows
            hash = (hash &* 31) &+ Incidents.hash(rows.map(\.position.rawValue))
        }
        return hash
    }
}

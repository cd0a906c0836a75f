internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// One request of those that a question is about.
struct RequestPath {
    /// Its place in the order in which requests began.
    let index: Int
    let path: JudgedPath
    /// The tenant of the event that came first.
    let tenant: UInt32
}

/// The requests that a question is about, ready to be judged one after another.
struct RequestPaths {
    let declared: DeclaredPath
    let histories: PathHistories
    let query: ConformanceQuery
    let now: Timestamp
    /// The ids that what is asked of their states leaves; nil for all.
    let wanted: Set<ExactText>?

    /// Passes each request, in the order in which they began, to a body.
    ///
    /// - Complexity: The steps of one request are judged at a time.
    func forEach(_ body: (RequestPath) -> Void) {
        let tenant = query.tenant.map { ExactText($0) }
        let span = query.span
        for index in 0..<histories.requestCount {
            let steps = histories.steps(at: index)
            guard let first = steps.first else { continue }
            if let tenant, ExactText(text(first.tenant)) != tenant { continue }
            guard steps.contains(where: { span.covers($0.createdAt) }) else { continue }
            if let wanted, !wanted.contains(ExactText(histories.name(at: index) ?? "")) { continue }
            body(
                RequestPath(
                    index: index,
                    path: JudgedPath(steps, by: declared, now: now),
                    tenant: first.tenant
                )
            )
        }
    }

    func text(_ word: UInt32) -> String { declared.words[Int(word)].text }
}

extension PipelineView {
    /// Gathers the steps of all requests in one pass; what is asked of their states takes what
    /// `requests` takes besides.
    func paths(
        _ query: ConformanceQuery,
        now: Timestamp
    ) async throws(IncidentError) -> RequestPaths {
        let bound = try await bound()
        var histories = PathHistories(definition)
        try await scan(tenant: nil, upTo: bound) { scanned, frame in
            histories.take(scanned, in: frame)
            return .proceed
        }
        var wanted: Set<ExactText>?
        if let states = query.states {
            let view = PipelineView(journal, asOf: bound, definition: definition)
            let rows = try await view.requests(states, now: now)
            wanted = Set(rows.map { ExactText($0.requestID) })
        }
        return RequestPaths(
            declared: DeclaredPath(definition, words: histories.words),
            histories: histories,
            query: query,
            now: now,
            wanted: wanted
        )
    }

    /// The id of a request, which is looked up where the journal begins later than the request.
    func requestID(
        at index: Int,
        in histories: PathHistories
    ) async throws(IncidentError) -> String {
        if let name = histories.name(at: index) { return name }
        return try await requestID(of: histories.stream(at: index))
    }
}

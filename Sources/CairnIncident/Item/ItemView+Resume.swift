public import CairnCore
internal import CairnDomains
internal import CairnJournal

extension ItemView {
    /// What a resume of a job would do; nil if there is no job of that name.
    ///
    /// Nothing is sent and nothing written down. The items are those that the job's runs began; of
    /// those that they never came to there is a count and no more, because only the job has them.
    ///
    /// - Parameters:
    ///   - name: The job's name.
    ///   - query: How the run would treat items, and which to list.
    ///   - now: The instant at which it would be resumed.
    /// - Returns: The plan.
    /// - Throws: ``IncidentError``.
    /// - Complexity: As ``job(named:now:)``, and the events of the rows.
    public func resumePlan(
        of name: String,
        for query: ResumeQuery = ResumeQuery(),
        now: Timestamp
    ) async throws(IncidentError) -> ResumePlan? {
        let bound = try await bound()
        guard let (job, row) = try await resumable(name, upTo: bound, query.isCrashed) else {
            return nil
        }
        var lives = HolderLives(self, areAllGone: query.isCrashed || asOf != nil)
        var chunks = ItemChunks(
            self,
            upTo: bound,
            from: job.position,
            where: ItemQuery(job: name).requestFilter
        )
        var counts = ResumeCounts()
        var rows: [ResumeRow] = []
        while let chunk = try await chunks.nextChunk() {
            for (number, item) in chunk {
                let judged = try await lives.judge(item, in: number)
                let kind = judged.kind(for: query, now: now)
                counts.add(kind, 1)
                guard rows.count < query.limit, query.lists(kind, judged.verdict) else { continue }
                let stream = try await streamID(of: number)
                let whole = try await folded(stream, upTo: bound)
                let row = ResumeRow(
                    stream,
                    try await lives.judge(whole, in: number),
                    for: query,
                    now: now
                )
                // It may have gone on since it was looked at first.
                if query.lists(row.kind, row.item.verdict) { rows.append(row) }
            }
        }
        counts.new = job.newCount(known: counts.known)
        return ResumePlan(job: row, counts: counts, rows: rows)
    }

    /// What a resume would do about each job that is not finished or cancelled, the one that was
    /// opened last first; without rows.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal, and for each such job as
    ///   ``resumePlan(of:for:now:)``.
    public func resumePlans(
        for query: ResumeQuery = ResumeQuery(),
        now: Timestamp
    ) async throws(IncidentError) -> [ResumePlan] {
        var query = query
        query.limit = 0
        var plans: [ResumePlan] = []
        for row in try await jobs() {
            switch row.standing {
            case .finished, .cancelled: continue
            case .running, .interrupted, .paused, .stopped, .deadline, .itemsFailed, .failed: break
            }
            if let plan = try await resumePlan(of: row.name, for: query, now: now) {
                plans.append(plan)
            }
        }
        return plans
    }

    /// A job as a resume would find it; nil if there is none of that name.
    func resumable(
        _ name: String,
        upTo bound: Position,
        _ isCrashed: Bool
    ) async throws(IncidentError) -> (job: FoldedJob, row: JobRow)? {
        let stream = try Self.naming { () throws(LimitError) in try JobMachine.stream(of: name) }
        guard var job = try await foldedJob(named: name, in: stream, upTo: bound) else {
            return nil
        }
        var lives = HolderLives(self, areAllGone: isCrashed || asOf != nil)
        try await job.ask(&lives)
        return (job, job.row(stream))
    }
}

extension JudgedItem {
    /// Whether the lock of the holder is free, or counts as free.
    private var isHolderGone: Bool { isHolderAlive == false }

    fileprivate func decision(for query: ResumeQuery, now: Timestamp) -> ItemDecision {
        item.state.resumeDecision(
            for: item.state.request?.key.flatMap { query.content?($0) },
            under: query.rule,
            isHolderGone: isHolderGone,
            at: now
        )
    }

    fileprivate func kind(for query: ResumeQuery, now: Timestamp) -> ResumeKind {
        ResumeKind(decision(for: query, now: now), of: item.state)
    }
}

extension ResumeRow {
    fileprivate init(
        _ stream: StreamID,
        _ judged: JudgedItem,
        for query: ResumeQuery,
        now: Timestamp
    ) {
        item = ItemRow(stream, judged, now: now)
        decision = judged.decision(for: query, now: now)
    }
}

extension FoldedJob {
    /// Items of the latest run that knew their number of which none is known.
    func newCount(known: Int64) -> Int64? {
        offeredCount.map { offered in
            Int64(clamping: max(Int128(offered) - Int128(known) - foreignCount, 0))
        }
    }
}

public import CairnCore
internal import CairnDomains
internal import CairnJournal

extension ItemView {
    /// All jobs, the one that was opened last first.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal.
    public func jobs() async throws(IncidentError) -> [JobRow] {
        let bound = try await bound()
        var jobs = StreamMap<FoldedJob>()
        try await forEachFrame(upTo: bound) { header, frame throws(EventCodecError) in
            let number = header.streamNumber
            let isFirst = header.streamID(in: frame).map { $0.kind == JobMachine.streamKind }
            guard isFirst ?? (jobs.index(of: number) != nil) else { return .proceed }
            try jobs[number, default: FoldedJob()].take(header, frame: frame)
            return .proceed
        }
        var lives = HolderLives(self)
        var rows: [JobRow] = []
        for (number, job) in zip(jobs.numbers, jobs.values).reversed() {
            var job = job
            try await job.ask(&lives)
            rows.append(job.row(try await streamID(of: number)))
        }
        return rows
    }

    /// One job with its runs and its items; nil if there is none of that name.
    ///
    /// - Parameters:
    ///   - name: The job's name.
    ///   - now: The instant that ages and the rate count to.
    /// - Returns: The job.
    /// - Throws: ``IncidentError``.
    /// - Complexity: The journal from the job's first event on, read twice for every 65,536 items.
    public func job(named name: String, now: Timestamp) async throws(IncidentError) -> JobSight? {
        let stream = try Self.naming { () throws(LimitError) in try JobMachine.stream(of: name) }
        let bound = try await bound()
        guard var job = try await foldedJob(named: name, in: stream, upTo: bound) else {
            return nil
        }
        var lives = HolderLives(self)
        try await job.ask(&lives)
        let window = job.rateWindow(now: now)
        let items = try await items(of: name, job, upTo: bound, window, now: now, &lives)
        let rate = window.map { window in
            JobRate(
                outcomeCount: items.outcomeCount,
                span: window.upperBound.since(window.lowerBound)
            )
        }
        let endedCount = max(Int128(items.endedCount) + job.foreignCount, job.endedCount)
        let left = job.offeredCount.map { Int64(clamping: max(Int128($0) - endedCount, 0)) }
        return JobSight(
            row: job.row(stream),
            runs: job.runs,
            decisions: job.decisions,
            itemCounts: items.counts,
            doubts: items.doubts,
            rate: rate,
            offeredCount: job.offeredCount,
            timeLeft: job.runningRun == nil ? nil : left.flatMap { rate?.time(for: $0) }
        )
    }

    /// Folds a job; nil if there is none of that name.
    func foldedJob(
        named name: String,
        in stream: StreamID,
        upTo bound: Position
    ) async throws(IncidentError) -> FoldedJob? {
        var job = FoldedJob()
        try await forEachFrame(of: stream, upTo: bound) { header, frame throws(EventCodecError) in
            try job.take(header, frame: frame)
            return .proceed
        }
        let isNamed = job.state.name?.hasSameBytes(as: name) ?? true
        return job.position > .zero && isNamed ? job : nil
    }

    private func items(
        of name: String,
        _ job: FoldedJob,
        upTo bound: Position,
        _ window: ClosedRange<Timestamp>?,
        now: Timestamp,
        _ lives: inout HolderLives
    ) async throws(IncidentError) -> JobItems {
        // A job's first run is in the journal before its first item.
        var chunks = ItemChunks(
            self,
            upTo: bound,
            from: job.position,
            countingOutcomesIn: window,
            where: ItemQuery(job: name).requestFilter
        )
        var items = JobItems()
        while let chunk = try await chunks.nextChunk() {
            for (number, item) in chunk {
                let judged = try await lives.judge(item, in: number)
                items.countByWord[judged.verdict.word, default: 0] += 1
                guard case .inDoubt = judged.verdict else { continue }
                items.take(number)
            }
        }
        items.outcomeCount = chunks.outcomeCount
        for number in items.oldestDoubts {
            let stream = try await streamID(of: number)
            let whole = try await folded(stream, upTo: bound)
            let row = ItemRow(stream, try await lives.judge(whole, in: number), now: now)
            // It may have gone on since it was looked at first.
            if row.inDoubtSince != nil { items.doubts.append(row) }
        }
        items.doubts.sort { left, right in
            (left.inDoubtSince ?? now, left.position) < (right.inDoubtSince ?? now, right.position)
        }
        return items
    }
}

/// What a job's items amount to.
private struct JobItems {
    var countByWord: [String: Int64] = [:]
    var outcomeCount = 0
    var doubts: [ItemRow] = []
    /// The items in doubt that began first, the latest of them first.
    private var doubtNumbers: [StreamNumber] = []

    /// Takes an item in doubt; items come the newest first.
    mutating func take(_ number: StreamNumber) { doubtNumbers.append(number) }

    var oldestDoubts: ReversedCollection<ArraySlice<StreamNumber>> {
        doubtNumbers.suffix(JobSight.doubtCountMax).reversed()
    }

    var counts: [JobSight.ItemCount] {
        KeyVerdict.words.compactMap { word in
            let count = countByWord[word] ?? 0
            guard count > 0 || !["fresh", "conflict"].contains(word) else { return nil }
            return JobSight.ItemCount(verdict: word, count: count)
        }
    }

    /// Items for which nothing is left to do by itself.
    var endedCount: Int64 { (countByWord["done"] ?? 0) + (countByWord["failed_final"] ?? 0) }
}

extension FoldedJob {
    /// How long the rate of a job that runs looks back.
    private static let rateSpan = TimeSpan.seconds(60)

    /// When outcomes are counted for the rate; nil where no end is known.
    fileprivate func rateWindow(now: Timestamp) -> ClosedRange<Timestamp>? {
        if let run = runningRun {
            let begin = max(run.beganAt, now.adding(Self.rateSpan.negated))
            return begin < now ? begin...now : nil
        }
        guard let run = runs.last, let end = run.endedAt, run.beganAt < end else { return nil }
        return run.beganAt...end
    }

    /// How many items the latest run that knew had to go over.
    var offeredCount: Int64? { runs.last { $0.itemCount != nil }?.itemCount }

    /// Items with an end that this job did not begin, as far as they are in settled blocks.
    var foreignCount: Int128 {
        state.blocks.values.reduce(0) { $0 + Int128($1.foreignCount) }
    }

    /// Items with an end that the run had seen which ended last.
    fileprivate var endedCount: Int128 {
        guard let counts = state.lastEnd?.counts else { return 0 }
        return Int128(counts.sent) + Int128(counts.done) + Int128(counts.failed)
    }
}
